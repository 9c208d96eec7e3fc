from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0002_trial'),
    ]

    operations = [
        migrations.AddField(
            model_name='casestudypage',
            name='is_confidential',
            field=models.BooleanField(default=False, editable=False, verbose_name='told in confidence'),
        ),
    ]
