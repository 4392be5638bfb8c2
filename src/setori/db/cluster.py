"""A PostgreSQL server as somebody who may do everything to it sees it: databases are made, copied and dropped here."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

DATABASE = "setori"


class DatabaseFailed(Exception):
    """The database server does not start, or a statement to it failed; the message says what it said."""


@dataclass(frozen=True)
class Urls:
    """One database, as its owner (who migrates) and as the application (who may not)."""

    owner_url: str
    app_url: str


@dataclass(frozen=True)
class Cluster:
    """Where a server listens, the folder of its socket and of its programs, and the passwords of the two roles."""

    programs: str
    socket_folder: str
    port: int
    owner_password: str
    app_password: str

    def urls(self, database: str = DATABASE) -> Urls:
        """How a database of this server is reached."""
        where = f"127.0.0.1:{self.port}/{database}"
        return Urls(
            owner_url=f"postgresql://setori_owner:{self.owner_password}@{where}",
            app_url=f"postgresql://setori_app:{self.app_password}@{where}",
        )

    def admin(self, sql: str, *, database: str = "postgres") -> str:
        """Run SQL as the superuser, over the socket that only we may enter. Raises DatabaseFailed."""
        command = [str(Path(self.programs) / "bin" / "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1"]
        where = ["-h", self.socket_folder, "-p", str(self.port), "-U", "postgres", "-d", database]
        done = subprocess.run(
            [*command, *where],
            input=sql,
            capture_output=True,
            text=True,
            env=plain_environment(),
            check=False,
        )
        if done.returncode:
            raise DatabaseFailed(done.stderr.strip())
        return done.stdout.strip()

    def has_database(self, name: str) -> bool:
        """Whether there is a database of this name."""
        return bool(self.admin(f"select 1 from pg_database where datname = '{name}'"))

    def create_roles(self) -> None:
        """The owner and the application; where they exist, their passwords are set again."""
        known = self.admin("select rolname from pg_roles where rolname like 'setori_%'").split()
        passwords = {"setori_owner": self.owner_password, "setori_app": self.app_password}
        self.admin(
            "\n".join(
                f"{'alter' if role in known else 'create'} role {role} login password '{password}';"
                for role, password in passwords.items()
            )
        )

    def create_database(self, name: str, *, template: str = "template0") -> Urls:
        """A new database of setori_owner that setori_app may enter; a copy of another when a template is given."""
        self.admin(
            f'create database "{name}" owner setori_owner template "{template}";\n'
            f'revoke all on database "{name}" from public; grant connect on database "{name}" to setori_app;'
        )
        if template == "template0":
            self.admin(
                "alter schema public owner to setori_owner; grant usage on schema public to setori_app;",
                database=name,
            )
        return self.urls(name)

    def rename_database(self, name: str, to: str) -> None:
        """Give a database another name; nobody may be connected to it."""
        self.admin(f'alter database "{name}" rename to "{to}"')

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        self.admin(f'drop database if exists "{name}" with (force)')


def plain_environment() -> dict[str, str]:
    """Our environment without what would lead PostgreSQL's programs elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
