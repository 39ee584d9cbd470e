"""Who keeps what a PTE said: readers of page-table entries, and pages that are given away.

One base, pages that are zapped and reused, and on it the ways in which a reader may use a page: by
a reference, under the page-table lock, or with an mmu notifier; and the users of the kernel, each
of one of these kinds or of none.
"""
