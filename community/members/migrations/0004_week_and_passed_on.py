"""A member's own number of new questions in seven days, and whether they show what they passed on."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("members", "0003_member_language")]

    operations = [
        migrations.AddField(
            model_name="profile",
            name="weekly_requests",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Leave empty for the number of your community. Where that is smaller, it counts.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(100),
                ],
                verbose_name="new questions in seven days",
            ),
        ),
        migrations.AddField(
            model_name="profile",
            name="shows_passed_on",
            field=models.BooleanField(
                default=False,
                help_text="The hours and the number of skills, from what is finished. Nobody whom you taught is named.",
                verbose_name="show on my page what I passed on",
            ),
        ),
    ]
