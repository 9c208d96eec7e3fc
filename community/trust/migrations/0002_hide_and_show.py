from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('trust', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='audit',
            name='verb',
            field=models.CharField(choices=[('answer_report', 'answered a report'), ('verify', 'vouched for'), ('confirm_adult', 'confirmed as 18 or older'), ('deactivate', 'closed the account of'), ('reactivate', 'opened the account again of'), ('hide', 'hid something written by'), ('show', 'showed again something written by')], max_length=20),
        ),
    ]
