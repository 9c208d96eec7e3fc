"""`manage.py db_worker`: the worker of django-tasks-db, which shows that it lives and heals when it starts."""

from typing import Any

from django.utils.crypto import get_random_string
from django_tasks_db.management.commands import db_worker

from community.trust.registry.healing import living, reconcile


class Command(db_worker.Command):
    """Does the tasks that wait. A task whose worker was killed is taken up again by the next one."""

    def handle(self, *, worker_id: str, **options: Any) -> None:
        """Heal what the last worker left, then work under a lock that ends with this process."""
        worker_id = worker_id or get_random_string(32)
        with living(worker_id):
            reconcile()
            super().handle(worker_id=worker_id, **options)
