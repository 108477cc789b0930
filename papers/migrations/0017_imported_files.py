import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('papers', '0016_find_sequences_by_an_index'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportedFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=800, unique=True)),
                ('digest', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('section', '栏目'), ('paper', '论文'), ('tag', '标签')], default='paper', max_length=10)),
                ('uid', models.CharField(db_index=True, max_length=64)),
                ('number', models.PositiveIntegerField()),
                ('imported_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'default_permissions': (),
            },
        ),
    ]
