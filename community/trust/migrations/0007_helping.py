from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('trust', '0006_talk'),
    ]

    operations = [
        migrations.AlterField(
            model_name='audit',
            name='verb',
            field=models.CharField(choices=[('answer_report', 'answered a report'), ('verify', 'vouched for'), ('confirm_adult', 'confirmed as 18 or older'), ('deactivate', 'closed the account of'), ('reactivate', 'opened the account again of'), ('hide', 'hid something written by'), ('show', 'showed again something written by'), ('trust', 'trusted with small changes'), ('distrust', 'reads every change again of'), ('call', 'called'), ('read', 'read messages that were reported'), ('act_for', 'acted in the name of'), ('end_help', 'ended the help for'), ('desk_open', 'read a story told in confidence'), ('desk_accept', 'accepted a story told in confidence'), ('desk_decline', 'did not take a story told in confidence')], max_length=20),
        ),
    ]
