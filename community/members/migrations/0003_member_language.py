"""The language that somebody chose for the site."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("members", "0002_things_and_matching")]

    operations = [
        migrations.AddField(
            model_name="member",
            name="language",
            field=models.CharField(
                blank=True, default="", editable=False, max_length=12, verbose_name="language of the site"
            ),
        ),
    ]
