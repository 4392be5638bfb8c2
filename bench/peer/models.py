"""The same tables, as Django's models know them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Organisation(models.Model):
    """A firm or a procurer."""

    id = models.UUIDField(primary_key=True)
    kind = models.TextField()
    name = models.TextField()
    area_code = models.TextField(null=True)

    class Meta:
        managed, db_table = False, "organisation"


class Profile(models.Model):
    """Where a firm is."""

    provider = models.OneToOneField(Organisation, models.CASCADE, primary_key=True, related_name="profile")
    city = models.TextField()

    class Meta:
        managed, db_table = False, "provider_profile"


class Service(models.Model):
    """What can be bought."""

    id = models.UUIDField(primary_key=True)
    name = models.JSONField()

    class Meta:
        managed, db_table = False, "service"


class Area(models.Model):
    """An employment area."""

    code = models.TextField(primary_key=True)
    name = models.JSONField()

    class Meta:
        managed, db_table = False, "area"


class Coach(models.Model):
    """Whom one meets."""

    id = models.UUIDField(primary_key=True)
    name = models.TextField()
    own_words = models.JSONField()
    languages = models.JSONField()
    ways = models.JSONField()
    is_active = models.BooleanField()

    class Meta:
        managed, db_table = False, "coach"


class Offering(models.Model):
    """A service as a firm sells it."""

    id = models.UUIDField(primary_key=True)
    provider = models.ForeignKey(Organisation, models.CASCADE)
    service = models.ForeignKey(Service, models.CASCADE)
    title = models.JSONField()
    summary = models.JSONField()
    price_cents = models.BigIntegerField()
    languages = models.JSONField()
    ways = models.JSONField()
    is_published = models.BooleanField()

    class Meta:
        managed, db_table = False, "offering"


class Card(models.Model):
    """What can be chosen today: a coach within an offering, with everything that is filtered by."""

    id = models.BigIntegerField(primary_key=True)
    offering = models.ForeignKey(Offering, models.CASCADE)
    coach = models.ForeignKey(Coach, models.CASCADE, null=True)
    provider = models.ForeignKey(Organisation, models.CASCADE)
    service = models.ForeignKey(Service, models.CASCADE)
    words = SearchVectorField()
    areas = ArrayField(models.TextField())
    languages = ArrayField(models.TextField())
    ways = ArrayField(models.TextField())
    shrunk = models.FloatField(null=True)
    respondents = models.IntegerField(null=True)
    turn = models.TextField()

    class Meta:
        managed, db_table = False, "peer_card"
