"""Videobuf1's records of a user buffer: what user space names, and what the driver makes of it."""

from __future__ import annotations

from collections.abc import Mapping

from staleproof.cfront.contracts import Access, Store, StructModel
from staleproof.cfront.types import Type
from staleproof.errors import UnsupportedCError
from staleproof.kernel.address_space import U64
from staleproof.lang.sorts import Unbounded
from staleproof.lang.substitute import assign
from staleproof.lang.terms import Symbol, Term


def _model(name: str, *fields: str) -> StructModel:
    sort = Unbounded(name)
    symbols: Mapping[str, Symbol] = {f: Symbol(f"{name}.{f}", (sort,), U64) for f in fields}

    def known(field: str) -> Symbol:
        if field not in symbols:
            raise UnsupportedCError(f"the field {field} of a {name} is not modelled")
        return symbols[field]

    def load(field: str, record: Term, type_: Type) -> Access:
        return Access(known(field)(record))

    def store(field: str, record: Term, value: Term, type_: Type) -> Store:
        return Store((assign(known(field), (record,), value),))

    null = Symbol(f"{name}.NULL", (), sort, mutable=False)
    error = Symbol(f"{name}.ERR_PTR", (U64,), sort, mutable=False)
    return StructModel(sort, null, error, load, store)


STRUCTS = {
    "videobuf_dma_contig_memory": _model("ContigMemory", "size", "dma_handle"),
    "videobuf_buffer": _model("Videobuf", "baddr", "size"),
}
