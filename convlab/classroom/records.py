"""What the class has answered, in any database that SQLAlchemy speaks: SQLite by default, PostgreSQL by one URL."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    delete,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

METADATA = MetaData()
ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("user", String(255), nullable=False),
    Column("item", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("seed", BigInteger),
    Column("kind", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("mistakes", Text, nullable=False),
    Column("hints", BigInteger, nullable=False),
    Column("solution_seen", Boolean, nullable=False),
    Column("seconds", Float),
    Column("sure", Integer),
    Column("source", String(16), nullable=False),
    Column("lesson", String(16), nullable=False),
    Column("context", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("at", String(40), nullable=False),
    Column("checked", Boolean, nullable=False),
    Column("claimed", String(16), nullable=False),
    Column("received", String(40), nullable=False),
    Index("attempts_by_user", "user", "at"),
    Index("attempts_by_time", "at"),
)
BUSY_S = 30
_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Records:
    """The attempts of a class.

    Args:
        url: a SQLAlchemy URL; its tables are made where they are missing.

    Example:
        >>> records = Records("sqlite://")
        >>> list(records.of("ada"))
        []
    """

    def __init__(self, url):
        where = make_url(url)
        backend = where.get_backend_name()
        if backend not in _INSERT:
            raise ValueError(f"CONVLAB_CLASS_DB must be a URL of SQLite or PostgreSQL; got {backend!r:.40}")
        self._insert = _INSERT[backend]
        options = {"connect_args": {"timeout": BUSY_S}} if backend == "sqlite" else {"pool_pre_ping": True}
        self.engine = create_engine(where, **options)
        METADATA.create_all(self.engine)

    def keep(self, rows):
        """What became of each row: "new", "known" (it was here before), or "taken" (its id is somebody else's).

        All of it is on disk when this returns, or none of it.

        Args:
            rows: dicts with a value for each column but `received`.
        """
        first = {}  # of two with one id, the one that came first
        for row in rows:
            first.setdefault(row["id"], row)
        received = now()
        add = self._insert(ATTEMPTS).on_conflict_do_nothing().returning(ATTEMPTS.c.id)
        with self.engine.begin() as connection:
            new = set(connection.scalars(add, [row | {"received": received} for row in first.values()]))
            known = self._known(connection, first.keys() - new) if len(new) < len(first) else {}
        known |= {id: _identity(first[id]) for id in new}
        fates = []
        for row in rows:
            same = "known" if known[row["id"]] == _identity(row) else "taken"
            fates.append("new" if row["id"] in new else same)
            new.discard(row["id"])
        return fates

    def _known(self, connection, ids):
        names = [ATTEMPTS.c[name] for name in _IDENTITY]
        found = connection.execute(select(ATTEMPTS.c.id, *names).where(ATTEMPTS.c.id.in_(ids)))
        return {row[0]: tuple(row[1:]) for row in found}

    def of(self, user):
        """All attempts of one learner, oldest first, as dicts."""
        yield from self._rows(select(ATTEMPTS).where(ATTEMPTS.c.user == user).order_by(ATTEMPTS.c.at))

    def since(self, time=""):
        """The attempts of the class from this ISO time on, in the order of their times, as dicts."""
        yield from self._rows(select(ATTEMPTS).where(ATTEMPTS.c.at >= time).order_by(ATTEMPTS.c.at))

    def _rows(self, query):
        with self.engine.connect().execution_options(yield_per=500) as connection:
            for row in connection.execute(query):
                yield dict(row._mapping)

    def erase(self, user):
        """How many attempts of this learner were erased: all of them."""
        with self.engine.begin() as connection:
            return connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.user == user)).rowcount

    def close(self):
        """Lets go of the database."""
        self.engine.dispose()


# Who sends an id again must send the same with it; else it is another attempt under a name that is taken.
_IDENTITY = ("user", "item", "seed", "answer", "at")


def _identity(row):
    return tuple(row[name] for name in _IDENTITY)


def now():
    """The present as the attempts spell it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
