import django.utils.timezone
from django.db import migrations, models


def add_copies(apps, schema_editor):
    """On PostgreSQL with pgvector: a column for copies of the numbers; elsewhere nothing."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT installed_version FROM pg_available_extensions WHERE name = 'vector'")
        found = cursor.fetchone()
        if found is None:
            return  # the extension is not to be had: the in-process store does
        if found[0] is None:
            cursor.execute("SELECT has_database_privilege(current_database(), 'CREATE')")
            if not cursor.fetchone()[0]:
                return  # an administrator may run CREATE EXTENSION vector, and this migration again
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
        cursor.execute("ALTER TABLE matching_vector ADD COLUMN IF NOT EXISTS embedding vector")
        cursor.execute("ALTER TABLE matching_vector ADD COLUMN IF NOT EXISTS copied_at timestamptz")


class Migration(migrations.Migration):
    dependencies = [("matching", "0003_probability_and_shortfall")]

    operations = [
        migrations.AddField(
            model_name="vector",
            name="saved_at",
            field=models.DateTimeField(
                db_index=True, default=django.utils.timezone.now, help_text="What copies are compared with."
            ),
        ),
        migrations.RunPython(add_copies, migrations.RunPython.noop),
    ]
