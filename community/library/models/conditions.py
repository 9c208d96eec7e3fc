"""The conditions under which something was tried: Soil, Climate, Scale and BudgetBand, shared by stories and trials.

Each is a short list of plain words, so that "0 of 2 on clay" can be counted. Fields that hold one of them are blank
where nobody said, and every list ends with what fits the most people who have no other word.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Soil(models.TextChoices):
    """What the ground is made of; for those who work none, there is a word, too."""

    CLAY = "clay", _("Clay")
    LOAM = "loam", _("Loam")
    SILT = "silt", _("Silt")
    SAND = "sand", _("Sand")
    CHALK = "chalk", _("Chalk or limestone")
    PEAT = "peat", _("Peat")
    STONY = "stony", _("Thin and stony")
    MIXED = "mixed", _("Mixed")
    NONE = "none", _("No soil in it")


class Climate(models.TextChoices):
    """What the weather is like where it was tried."""

    MILD_WET = "mild_wet", _("Mild and wet")
    MILD_DRY = "mild_dry", _("Mild and dry")
    COLD_WET = "cold_wet", _("Cold and wet")
    COLD_DRY = "cold_dry", _("Cold winters, dry summers")
    HOT_DRY = "hot_dry", _("Hot and dry")
    HOT_WET = "hot_wet", _("Hot and wet")
    UPLAND = "upland", _("Hill or mountain")
    COAST = "coast", _("By the sea")
    INDOORS = "indoors", _("Indoors or under cover")


class Scale(models.TextChoices):
    """How big it was, by who does the work rather than by acres, so that a dairy and a joiner can both answer."""

    TRIAL = "trial", _("A small test: a bench, a bed, a batch")
    HOUSEHOLD = "household", _("For one household")
    SMALL = "small", _("One or two people's living")
    TEAM = "team", _("A team of three to ten")
    LARGE = "large", _("More than ten people")


class BudgetBand(models.TextChoices):
    """What it cost all in all, in steps that stand in any currency: what people pay for a day of hired work."""

    NOTHING = "nothing", _("Nothing, or almost")
    LITTLE = "little", _("A few days' wages")
    SOME = "some", _("A few weeks' wages")
    MUCH = "much", _("A few months' wages")
    MORE = "more", _("A year's wages or more")
