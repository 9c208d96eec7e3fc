"""How people come may change after they have joined: how it was counted, and what was chosen first."""

from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def as_pages_say(apps: Any, schema_editor: Any) -> None:
    """Seats that there are already are counted as their pages say."""
    pages = apps.get_model("gatherings", "GatheringPage").objects.filter(pk=OuterRef("page_id"))
    apps.get_model("gatherings", "Seats").objects.update(mode=Subquery(pages.values("mode")[:1]))


class Migration(migrations.Migration):
    """Two columns."""

    dependencies = [("gatherings", "0005_reminded_of")]

    operations = [
        migrations.AddField(
            model_name="registration",
            name="way_gone",
            field=models.CharField(
                blank=True,
                default="",
                help_text="The way that was chosen first, if the host has taken it away since.",
                max_length=6,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="seats",
            name="mode",
            field=models.CharField(
                choices=[("on-site", "On site"), ("online", "Online"), ("hybrid", "On site and online")],
                default="on-site",
                help_text="How people came when these were counted; where only one way is left all count as at the place.",
                max_length=8,
            ),
        ),
        migrations.RunPython(as_pages_say, migrations.RunPython.noop),
    ]
