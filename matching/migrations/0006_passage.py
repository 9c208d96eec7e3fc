# The index of words is made here: FTS5 on SQLite, an index of tsvectors on PostgreSQL. Whoever changes a column of
# matching_passage on SQLite later makes the triggers again: Django builds the table anew there, without them.

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

SQLITE = (
    """CREATE VIRTUAL TABLE matching_passage_words USING fts5(
        tokens, content='matching_passage', content_rowid='id', detail=none, columnsize=0)""",
    """CREATE TRIGGER matching_passage_came AFTER INSERT ON matching_passage BEGIN
        INSERT INTO matching_passage_words(rowid, tokens) VALUES (new.id, new.tokens); END""",
    """CREATE TRIGGER matching_passage_went AFTER DELETE ON matching_passage BEGIN
        INSERT INTO matching_passage_words(matching_passage_words, rowid, tokens)
        VALUES ('delete', old.id, old.tokens); END""",
    """CREATE TRIGGER matching_passage_changed AFTER UPDATE OF tokens ON matching_passage BEGIN
        INSERT INTO matching_passage_words(matching_passage_words, rowid, tokens)
        VALUES ('delete', old.id, old.tokens);
        INSERT INTO matching_passage_words(rowid, tokens) VALUES (new.id, new.tokens); END""",
)
POSTGRESQL = (
    """CREATE INDEX matching_passage_words ON matching_passage
        USING gin (to_tsvector('simple'::regconfig, tokens))""",
)


def forwards(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX matching_passage_words")
        return
    for trigger in ("came", "went", "changed"):
        schema_editor.execute(f"DROP TRIGGER matching_passage_{trigger}")
    schema_editor.execute("DROP TABLE matching_passage_words")


class Migration(migrations.Migration):

    dependencies = [
        ('matching', '0005_followed'),
        ('members', '0002_things_and_matching'),
        migrations.swappable_dependency(settings.WAGTAIL_PAGE_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Unanswered',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.CharField(help_text='Its stems in order: the same question.', max_length=300, unique=True)),
                ('text', models.CharField(max_length=300)),
                ('people', models.PositiveSmallIntegerField(help_text='At least so many asked.')),
                ('first_on', models.DateField()),
                ('last_on', models.DateField()),
                ('settled_on', models.DateField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-people', '-last_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Passage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(default=0, help_text='Its place in the page; 0 is the title.')),
                ('text', models.TextField()),
                ('text_hash', models.CharField(max_length=64)),
                ('tokens', models.TextField(help_text='What words are looked up by; see matching.models.passage.token.')),
                ('model', models.CharField(blank=True, help_text='Empty: not read by a model.', max_length=120)),
                ('data', models.BinaryField(help_text='float32, little-endian, of length 1.', null=True)),
                ('parts', models.BinaryField(help_text='Of several sentences: int8, 127 times the vector of each.', null=True)),
                ('saved_at', models.DateTimeField(default=django.utils.timezone.now, help_text='What copies are compared with.')),
                ('page', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.WAGTAIL_PAGE_MODEL)),
                ('statement', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.statement')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('page', 'number'), name='one_passage_a_place'), models.CheckConstraint(condition=models.Q(('page', None), ('statement', None), _connector='XOR'), name='passage_of_a_page_or_of_a_person')],
            },
        ),
        migrations.RunPython(forwards, backwards),
    ]
