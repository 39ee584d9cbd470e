"""A lock server: one lock, any number of clients, messages that may overtake each other.

The lock travels as a grant message to one client and comes back as an unlock message. The smallest
system whose safety needs lemmas about messages that are still on their way.
"""

from __future__ import annotations

from staleproof.lang.kinds import Element
from staleproof.lang.model import Model, action, initial, lemma, safety
from staleproof.lang.quantify import every
from staleproof.lang.state import Flag, Relation
from staleproof.lang.terms import Term, conj, implies


class Client(Element):
    """A client of the lock server."""


class LockServer(Model):
    """A server hands one lock to one client at a time."""

    asked: Relation[Client]  # the client's request is on its way, or was lost
    granted: Relation[Client]  # a grant is on its way to the client
    returned: Relation[Client]  # an unlock is on its way from the client
    holds: Relation[Client]  # the client believes that it has the lock
    free: Flag  # the server has the lock

    @initial
    def nothing_is_on_its_way(s) -> Term:
        """The server has the lock and no message was sent."""
        nothing = every(Client, lambda c: ~(s.asked[c] | s.granted[c] | s.returned[c]))
        return conj(s.free, nothing, every(Client, lambda c: ~s.holds[c]))

    @action(kernel="client: lock")
    def ask_for_lock(s, c: Client) -> None:
        """A client asks for the lock."""
        s.asked[c] = True

    @action(kernel="server: grant")
    def grant_lock(s, c: Client) -> None:
        """The server, having the lock, gives it to a client that asked."""
        s.require(s.asked[c], s.free)
        s.asked[c] = False
        s.free = False
        s.granted[c] = True

    @action(kernel="client: receive")
    def receive_grant(s, c: Client) -> None:
        """A client receives the grant and has the lock."""
        s.require(s.granted[c])
        s.granted[c] = False
        s.holds[c] = True

    @action(kernel="client: unlock")
    def return_lock(s, c: Client) -> None:
        """A client that has the lock sends it back."""
        s.require(s.holds[c])
        s.holds[c] = False
        s.returned[c] = True

    @action(kernel="server: receive")
    def receive_return(s, c: Client) -> None:
        """The server gets the lock back."""
        s.require(s.returned[c])
        s.returned[c] = False
        s.free = True

    @safety
    def one_holder(s, c: Client, d: Client) -> Term:
        """No two clients have the lock."""
        return implies(s.holds[c] & s.holds[d], c == d)

    @lemma
    def lock_is_in_one_place(s, c: Client, d: Client) -> Term:
        """The lock is at the server, on its way, or with a client, and with one client only."""
        return implies(has_it(s, c) & has_it(s, d), c == d)

    @lemma
    def server_has_it_alone(s, c: Client) -> Term:
        """While the server has the lock, no client and no message has it."""
        return implies(s.free, ~has_it(s, c))

    @lemma
    def each_message_is_the_only_one(s, c: Client) -> Term:
        """A client's lock is held, granted or returned, never two of these."""
        one, two, three = s.granted[c], s.holds[c], s.returned[c]
        return ~((one & two) | (two & three) | (one & three))


def has_it(s: LockServer, c: Client) -> Term:
    """The lock is with the client or in a message to or from it."""
    return s.granted[c] | s.holds[c] | s.returned[c]


class ForgetfulServer(LockServer):
    """The server keeps believing that it has the lock."""

    @action(kernel="server: grant")
    def grant_lock(s, c: Client) -> None:
        """The server gives a client the lock and does not note that it is gone."""
        s.require(s.asked[c], s.free)
        s.asked[c] = False
        s.granted[c] = True
