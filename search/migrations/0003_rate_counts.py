from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0002_hide_words_of_lists")]

    operations = [
        migrations.CreateModel(
            name="RateCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64, unique=True, verbose_name="clave")),
                ("used", models.PositiveIntegerField(verbose_name="usos")),
                ("ends_at", models.DateTimeField(db_index=True, verbose_name="cuenta hasta")),
            ],
            options={
                "verbose_name": "cuenta de usos",
                "verbose_name_plural": "cuentas de usos",
            },
        ),
    ]
