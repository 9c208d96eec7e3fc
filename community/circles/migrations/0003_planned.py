from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('circles', '0002_inside'),
    ]

    operations = [
        migrations.AddField(
            model_name='circle',
            name='planned',
            field=models.PositiveIntegerField(default=0, editable=False, help_text='How often that day was changed.'),
        ),
    ]
