from django.db import migrations, models


class Migration(migrations.Migration):
    """Hides what readers wrote on frozen lists, until staff have read it: no row is approved."""

    dependencies = [("search", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="frozenlist",
            name="are_words_approved",
            field=models.BooleanField(db_default=False, default=False, verbose_name="mostrar título, nombre y notas"),
        ),
    ]
