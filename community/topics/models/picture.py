"""Pictures of pages, without a query for each."""

from typing import Any

from django.db.models import Prefetch
from wagtail.images import get_image_model
from wagtail.images.models import Filter


def with_renditions(lookup: str, *specs: str) -> Prefetch[Any]:
    """What to prefetch so that `rendition_of` needs no query; `lookup` leads to the image's renditions."""
    renditions = get_image_model().get_rendition_model().objects.filter(filter_spec__in=specs)
    return Prefetch(lookup, queryset=renditions, to_attr="prefetched_renditions")


def rendition_of(image: Any, spec: str) -> Any:
    """A picture in the wanted size: the prefetched one, else found or made. None where there is no picture.

    Wagtail's own way writes to the cache, which is a table here, each time a picture is shown.
    """
    if image is None:
        return None
    wanted = Filter(spec=spec)
    key = wanted.get_cache_key(image)
    for rendition in getattr(image, "prefetched_renditions", []):
        if rendition.filter_spec == spec and rendition.focal_point_key == key:
            return rendition
    try:
        return image.renditions.get(filter_spec=spec, focal_point_key=key)
    except image.get_rendition_model().DoesNotExist:
        return image.create_rendition(wanted)
    except OSError:
        return None
