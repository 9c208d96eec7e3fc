"""Whether one's name may stand on the other's certificate."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("connections", "0006_no_silence")]

    operations = [
        migrations.AddField(
            model_name="closing",
            name="is_named",
            field=models.BooleanField(
                default=False,
                help_text="They can print one of what they did with you. Without your yes it names nobody but them.",
                verbose_name="my name may stand on the other's certificate",
            ),
        ),
    ]
