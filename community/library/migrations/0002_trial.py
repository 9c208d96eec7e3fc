import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0001_initial'),
        ('topics', '0001_initial'),
        ('wagtailimages', '0027_image_description'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(settings.WAGTAIL_PAGE_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Trial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('key', models.UUIDField(blank=True, editable=False, help_text='The form that sent it; sent again, it does nothing.', null=True)),
                ('outcome', models.CharField(choices=[('worked', 'It worked'), ('partly', 'It worked in part'), ('failed', 'It failed')], max_length=6, verbose_name='what came of it?')),
                ('year', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1900)], verbose_name='in which year?')),
                ('place', models.CharField(blank=True, help_text='A village or valley, as it shall be shown. No address.', max_length=80, verbose_name='where?')),
                ('cell_lat', models.FloatField(blank=True, editable=False, null=True)),
                ('cell_lon', models.FloatField(blank=True, editable=False, null=True)),
                ('soil', models.CharField(blank=True, choices=[('clay', 'Clay'), ('loam', 'Loam'), ('silt', 'Silt'), ('sand', 'Sand'), ('chalk', 'Chalk or limestone'), ('peat', 'Peat'), ('stony', 'Thin and stony'), ('mixed', 'Mixed'), ('none', 'No soil in it')], max_length=10, verbose_name='soil')),
                ('climate', models.CharField(blank=True, choices=[('mild_wet', 'Mild and wet'), ('mild_dry', 'Mild and dry'), ('cold_wet', 'Cold and wet'), ('cold_dry', 'Cold winters, dry summers'), ('hot_dry', 'Hot and dry'), ('hot_wet', 'Hot and wet'), ('upland', 'Hill or mountain'), ('coast', 'By the sea'), ('indoors', 'Indoors or under cover')], max_length=10, verbose_name='climate')),
                ('scale', models.CharField(blank=True, choices=[('trial', 'A small test: a bench, a bed, a batch'), ('household', 'For one household'), ('small', "One or two people's living"), ('team', 'A team of three to ten'), ('large', 'More than ten people')], max_length=10, verbose_name='how big')),
                ('equipment', models.CharField(blank=True, max_length=160, verbose_name='with what tools')),
                ('changed', models.TextField(blank=True, max_length=1500, validators=[django.core.validators.MaxLengthValidator(1500)], verbose_name='what did you do differently?')),
                ('learned', models.TextField(blank=True, max_length=1500, validators=[django.core.validators.MaxLengthValidator(1500)], verbose_name='what happened, and why, as you see it?')),
                ('cost', models.CharField(blank=True, help_text='Money, hours or both, with the unit.', max_length=120, verbose_name='what did it cost?')),
                ('hidden_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('grown_into', models.ForeignKey(blank=True, editable=False, help_text='The story that the teller made of it.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.WAGTAIL_PAGE_MODEL)),
                ('member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='trials', to=settings.AUTH_USER_MODEL)),
                ('page', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.WAGTAIL_PAGE_MODEL)),
                ('picture', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wagtailimages.image')),
                ('season', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='topics.season', verbose_name='season')),
            ],
            options={
                'verbose_name': 'trial',
                'verbose_name_plural': 'trials',
                'ordering': ['-created_at', '-pk'],
                'indexes': [models.Index(fields=['page', 'outcome'], name='library_tri_page_id_8af7eb_idx')],
                'constraints': [models.UniqueConstraint(fields=('member', 'key'), name='one_trial_a_form')],
            },
        ),
    ]
