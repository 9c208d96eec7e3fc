from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0002_introduced'),
    ]

    operations = [
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('connection_introduced', 'You were brought together with somebody'), ('connection_proposed', 'Somebody wants to meet you'), ('connection_accepted', 'Your request was accepted'), ('connection_declined', 'Your request was answered'), ('application_received', 'Somebody applied to your opening'), ('enrolment_received', 'Somebody enrolled in your gathering'), ('trial_received', 'Somebody tried what you told'), ('report_received', 'A report waits for the stewards'), ('report_answered', 'Your report was answered')], max_length=40),
        ),
    ]
