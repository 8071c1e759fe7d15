"""Programmes of before this version were public by their studies: those with a source stay so."""

from typing import Any

from django.db import migrations


def publish(apps: Any, schema_editor: Any) -> None:
    apps.get_model("studies", "Programme").objects.exclude(sources=[]).update(is_published=True)


class Migration(migrations.Migration):
    dependencies = [("studies", "0008_programmes_in_the_cycle")]

    # Backwards the column itself goes.
    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]
