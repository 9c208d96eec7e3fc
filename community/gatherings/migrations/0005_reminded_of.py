"""Of which date of a series a guest was reminded."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column; empty where nobody was reminded yet."""

    dependencies = [("gatherings", "0004_hosts")]

    operations = [
        migrations.AddField(
            model_name="registration",
            name="reminded_of",
            field=models.DateTimeField(blank=True, help_text="Of which date of a series that was.", null=True),
        ),
    ]
