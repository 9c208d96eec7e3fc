from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('openings', '0002_applications'),
    ]

    operations = [
        migrations.AddField(
            model_name='application',
            name='guardian_mailed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='application',
            name='guardian_mailed_to',
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
