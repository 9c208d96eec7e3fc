"""Collections: pages of the library in an order."""

import django.db.models.deletion
import modelcluster.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0007_experiments_playbooks'),
        ('topics', '0001_initial'),
        ('wagtailcore', '0098_apitoken'),
        ('wagtailimages', '0027_image_description'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(settings.WAGTAIL_PAGE_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CollectionIndexPage',
            fields=[
                ('page_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to=settings.WAGTAIL_PAGE_MODEL)),
                ('intro', models.CharField(blank=True, help_text='One or two sentences above the list.', max_length=300, verbose_name='introduction')),
            ],
            options={
                'verbose_name': 'list of collections',
            },
            bases=('wagtailcore.page',),
        ),
        migrations.CreateModel(
            name='CollectionPage',
            fields=[
                ('page_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to=settings.WAGTAIL_PAGE_MODEL)),
                ('summary', models.CharField(help_text='One or two plain sentences. They stand on the card, in search results and in shared links.', max_length=240, verbose_name='in short')),
                ('place', models.CharField(blank=True, help_text='A village or valley, as it shall be shown. No address.', max_length=80, verbose_name='place')),
                ('intro', models.TextField(blank=True, help_text='Whom it helps, and why these pages and in this order. An empty line begins a new paragraph.', max_length=1200, verbose_name='what it is for')),
                ('known', models.JSONField(default=list, editable=False, help_text='The pages of which its followers have heard.')),
                ('author', models.ForeignKey(blank=True, help_text='Whose story or offer this is.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('picture', models.ForeignKey(blank=True, help_text='Without one, a drawing of ours is shown.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wagtailimages.image', verbose_name='picture')),
                ('season', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='topics.season', verbose_name='season')),
                ('topics', modelcluster.fields.ParentalManyToManyField(blank=True, related_name='+', to='topics.topic', verbose_name='topics')),
            ],
            options={
                'verbose_name': 'collection',
                'verbose_name_plural': 'collections',
            },
            bases=('wagtailcore.page',),
        ),
        migrations.CreateModel(
            name='CollectionItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort_order', models.IntegerField(blank=True, editable=False, null=True)),
                ('note', models.CharField(blank=True, help_text='One sentence above the page, if it helps.', max_length=240, verbose_name='why it stands here')),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.WAGTAIL_PAGE_MODEL, verbose_name='page')),
                ('page', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='library.collectionpage')),
            ],
            options={
                'verbose_name': 'page of a collection',
                'ordering': ['sort_order'],
                'abstract': False,
            },
        ),
    ]
