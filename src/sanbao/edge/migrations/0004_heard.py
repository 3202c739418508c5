from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("edge", "0003_numbers")]

    operations = [
        migrations.CreateModel(
            name="Heard",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("well", models.BooleanField()),
                ("figure", models.BigIntegerField(db_default=0, default=0)),
            ],
        ),
    ]
