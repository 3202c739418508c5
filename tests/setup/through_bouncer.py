"""Run by test_pgbouncer.py in a process of its own: many threads open scopes through one PgBouncer and look whose they are in.

Prints how many rounds were worked, how many found another's scope, and how many other errors there were.
"""

import random
import sys
import threading
import uuid

import django

LEAKS: list[str] = []
ERRORS: list[str] = []
WORKED: list[int] = []


def main(threads: int, rounds: int) -> None:
    django.setup()
    working = [threading.Thread(target=work, args=(number, rounds)) for number in range(threads)]
    for thread in working:
        thread.start()
    for thread in working:
        thread.join()
    print(len(WORKED), len(LEAKS), len(ERRORS))
    for said in [*LEAKS[:3], *ERRORS[:3]]:
        print(said, file=sys.stderr)


def work(number: int, rounds: int) -> None:
    """What requests do: nothing open; a scope; a scope in which something is refused; the owner's way; a nested transaction."""
    from django.db import connection, transaction

    from sanbao.accounts import scope
    from sanbao.accounts.access import Access, Grant

    chance = random.Random(number)
    for turn in range(rounds):
        try:
            look("none")
            company = number * 1000 + turn + 1
            access = Access(number, company, (Grant("head"),), request=uuid.uuid4().hex)
            way = chance.randrange(4)
            try:
                with scope.opened(access):
                    look(str(company))
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT pg_sleep(%s)", [chance.random() / 500])
                    look(str(company))
                    if way == 1:
                        raise LookupError
                    if way == 2:
                        with scope.as_owner("the test"):
                            look(str(company), role="")
                    if way == 3:
                        with transaction.atomic():
                            look(str(company))
                    look(str(company))
            except LookupError:
                pass
            look("none")
            WORKED.append(1)
        except Exception as error:
            ERRORS.append(repr(error)[:300])
        finally:
            connection.close()


def look(wanted: str, role: str | None = None) -> None:
    """Note a leak if the session's company or role is not the wanted one."""
    from sanbao.accounts import scope

    found = scope.limits_now()
    company = found["company"] or "none"
    right = {"none": "owner"}.get(wanted, "web") if role is None else "owner"
    has = "web" if found["role"] == scope.ROLE else "owner"
    if company != wanted or has != right:
        LEAKS.append(f"wanted {wanted} as {right}, found {company} as {has}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
