"""What each row about C texts that look up one PTE says, and the makers of their claims."""

from __future__ import annotations

from staleproof.claims import Rows

_OF_ONE = {
    "VB1-1": "videobuf_dma_contig_user_get() of videobuf1, from its C text, takes a buffer only in "
    "a VM_IO or VM_PFNMAP VMA, never in ordinary memory.",
    "VB1-2": "videobuf_dma_contig_user_get() of videobuf1, from its C text, releases mmap_lock as "
    "often as it takes it.",
    "VB1-3": "videobuf_dma_contig_user_get() of videobuf1, from its C text, looks at the page "
    "table for addresses in the VMA that it has found, and no others.",
    "UFP-5": "follow_pte(), from its C text: when it returns 0, ptl is held, the PTE is present, "
    "and the caller has been told where PTE and lock are.",
    "UFP-6": "follow_pte(), from its C text: when it does not return 0, it returns -EINVAL, has "
    "told no PTE, holds no ptl, and some level led nowhere or was huge, or the PTE was empty.",
    "UFP-7": "follow_pte(), from its C text, looks at a level only if the one above leads to it, "
    "at a PTE only if the last level is not huge, and reads it only under ptl.",
    "UFP-8": "follow_pfn(), from its C text, returns 0 with the pfn of a PTE that was present "
    "when it was read, in a VM_IO or VM_PFNMAP VMA; or -EINVAL, and has stored nothing.",
    "UFP-9": "follow_pfn(), from its C text, reads the PTE only under ptl and has released ptl "
    "when it returns.",
    "UFP-10": "follow_pfn(), from its C text: when it returns 0, the PTE still has the pfn.",
    "UFP-11": "follow_pfn(), from its C text, refuses only a VMA that is neither VM_IO nor "
    "VM_PFNMAP, or a page without a PTE that is present.",
    "GAP-9": "generic_access_phys() returns the length after it has copied that many bytes, once, "
    "between the device and the buffer that it was given and in the direction that was asked for, "
    "or -EINVAL or -ENOMEM, and then it has copied nothing.",
    "GAP-10": "generic_access_phys(), from its C text: each mapping that ioremap_prot() makes is "
    "given back by exactly one iounmap() before the next is made, and before the return.",
    "GAP-11": "generic_access_phys(), from its C text: ptl is not held when ioremap_prot() or "
    "iounmap() is called, both of which sleep, and not at return; the PTE is read only under it.",
    "GAP-12": "generic_access_phys(), from its C text: at the copy ptl is held, the PTE is "
    "present, and the first byte that is copied is the one that it gives the address.",
    "GAP-13": "generic_access_phys(), from its C text: at a copy to the page the PTE is writable "
    "(for callers that ask for a write as FOLL_WRITE or 0).",
    "GAP-13a": "generic_access_phys(), from its C text: at a copy to the page the PTE is writable, "
    "whatever the caller passes as `write`.",
    "GAP-14": "generic_access_phys(), from its C text: the bytes that it copies lie in what "
    "ioremap_prot() has mapped for it (for callers that ask for at least one byte).",
    "GAP-15": "generic_access_phys(), from its C text: all bytes that it copies lie in the one "
    "page that the PTE maps.",
    "GAP-16": "generic_access_phys(), from its C text, copies only through a VMA that is VM_IO or "
    "VM_PFNMAP.",
    "GAP-17": "generic_access_phys(), from its C text, returns -EINVAL only if the VMA is neither "
    "VM_IO nor VM_PFNMAP, or the page has no PTE that is present, or a write is asked for and the "
    "PTE does not permit it (for callers that ask for a write as FOLL_WRITE or 0).",
    "GAP-18": "generic_access_phys(), from its C text: what ioremap_prot() has mapped for a copy "
    "are the fewest pages in which its bytes lie, if an int can count them.",
    "GAP-19": "generic_access_phys(), from its C text: what ioremap_prot() has mapped for a copy "
    "has the protection and the caching attributes of the PTE that was read last.",
    "GAP-20": "generic_access_phys(), from its C text: the first byte that it copies is the one "
    "that the PTE gave the address when it was read last, and it was present then.",
    "GAP-21": "generic_access_phys(), from its C text: at a copy to the page the PTE was writable "
    "when it was read last (for callers that ask for a write as FOLL_WRITE or 0).",
    "VFIO-3": "vaddr_get_pfn() of vfio type1, from its C text, uses no VMA that may be gone: after "
    "a fault that has dropped mmap_lock the VMA is looked up again.",
    "VFIO-4": "vaddr_get_pfn() of vfio type1, from its C text, returns 0 only with the pfn of the "
    "page that it has pinned, or with one that is_invalid_reserved_pfn().",
    "VFIO-5": "vaddr_get_pfn() of vfio type1, from its C text: a pfn for writing that is not "
    "pinned comes from a PTE that was writable when it was read.",
    "KVM-17": "hva_to_pfn_remapped() of KVM, from its C text, refuses a page without a PTE only "
    "after a page fault, which is one for writing if that was asked for and else for reading; if "
    "the fault fails, its errno is the result.",
    "KVM-12": "direct_page_fault() of KVM, from its C text, makes an entry only under mmu_lock, "
    "while no range is being invalidated, and if none was since the lookup.",
    "KVM-13": "direct_page_fault() of KVM, from its C text: the entry leads from the guest's "
    "address to the page that was looked up for the process's, and is writable as the lookup says.",
    "KVM-14": "direct_page_fault() of KVM, from its C text, has released mmu_lock when it returns, "
    "makes entries only under it, and makes no lookup under it, which sleeps.",
    "KVM-15": "direct_page_fault() of KVM, from its C text, holds its reference while an "
    "entry is made, and has given it back, once, when it returns.",
    "KVM-16": "direct_page_fault() of KVM, from its C text, returns RET_PF_FIXED if it has made an "
    "entry, and only then.",
    "KVM-18": "direct_page_fault() of KVM, from its C text: a write to a read-only page is "
    "emulated, a poisoned page lets the guest come back, and any other failed lookup is -EFAULT.",
    "KVM-19": "direct_page_fault() of KVM, from its C text: with a page looked up, an entry is "
    "tried unless a range is invalidated, or was since, or there is no room for page tables.",
    "KVM-20": "hva_to_pfn_remapped() of KVM, from its C text: if the PTE of the pfn that it gives "
    "was writable when it was read, it says so.",
    "KVM-21": "hva_to_pfn() of KVM, from its C text, uses no VMA that may be gone or that the "
    "address does not lie in: after a fault that has dropped mmap_lock the VMA is looked up again.",
    "KVM-22": "hva_to_pfn() of KVM, from its C text, gives a pfn with one reference, or with none "
    "if it is reserved, and has stored whether it may be written; or a word for an error, and no "
    "reference.",
    "KVM-23": "hva_to_pfn() of KVM, from its C text, releases mmap_lock as often as it takes it, "
    "and holds it over nothing that takes it.",
    "KVM-24": "hva_to_pfn() of KVM, from its C text, tries the way without a lock, then the one "
    "with page faults, then page tables, each for the address and the access that were asked for.",
    "KVM-25": "hva_to_pfn() of KVM, from its C text: what no get_user_pages() gives is the word "
    "for a poisoned page if it is one, else what hva_to_pfn_remapped() gives, else the word for a "
    "fault.",
    "KVM-26": "hva_to_pfn() of KVM, from its C text, looks into page tables of a page that no "
    "get_user_pages() gives and that is not poisoned exactly if its VMA is VM_IO or VM_PFNMAP, and "
    "once in a hold of mmap_lock.",
    "VFIO-6": "vaddr_get_pfn() of vfio type1, from its C text, releases mmap_lock and ptl as often "
    "as it takes them, and reads a PTE by itself only under ptl.",
    "VFIO-7": "vaddr_get_pfn() of vfio type1, from its C text: the page that it pins is that of "
    "the address, to be written exactly if the device may write, none of a DAX file, and in CMA "
    "only if it could not be moved; and then it returns 0.",
    "VFIO-8": "vaddr_get_pfn() of vfio type1, from its C text: a pfn that is not pinned is that of "
    "the page's PTE, which was present when it was read last.",
    "VFIO-9": "vaddr_get_pfn() of vfio type1, from its C text, looks at the page table of an "
    "address that it cannot pin exactly if its VMA is VM_PFNMAP.",
    "VFIO-10": "vaddr_get_pfn() of vfio type1, from its C text, returns the errno of the pin, or "
    "-EAGAIN after a wait, where it cannot look; else that of a fault that failed, -EINVAL for "
    "want of a PTE, -EFAULT for a page that it refuses, and 0 for any other.",
    "VFIO-11": "vaddr_get_pfn() of vfio type1, from its C text, takes a page fault only where it "
    "has found no PTE, once in a hold of mmap_lock, for the other process, and for writing exactly "
    "if the device may write.",
    "KVM-4": "hva_to_pfn_remapped() of KVM, from its C text: a pfn for writing, or one that is "
    "said to be writable, comes from a PTE that was writable when it was read.",
    "KVM-5": "hva_to_pfn_remapped() of KVM, from its C text, takes a reference only of a page "
    "whose count is not 0.",
    "KVM-6": "hva_to_pfn_remapped() of KVM, from its C text: the pfn that it gives is that of the "
    "page's PTE, which was present when it was read last.",
    "KVM-7": "hva_to_pfn_remapped() of KVM, from its C text: when it takes a reference, the PTE "
    "still names the page.",
    "KVM-8": "hva_to_pfn_remapped() of KVM, from its C text, returns 0 with one reference of the "
    "page that it gives, or with none if kvm_is_reserved_pfn(); or with the word for a read-only "
    "page, and then a write was asked for, the PTE forbids it, and no reference is taken.",
    "KVM-9": "hva_to_pfn_remapped() of KVM, from its C text: when it does not return 0 it returns "
    "an errno, and has taken no reference.",
    "KVM-10": "hva_to_pfn_remapped() of KVM, from its C text, has released ptl when it returns, "
    "reads the PTE only under ptl, and takes no page fault while it holds it.",
    "KVM-11": "hva_to_pfn_remapped() of KVM, from its C text, uses no VMA that may be gone: after "
    "a fault that has dropped mmap_lock, and only then, it returns -EAGAIN.",
}
_OF_BOTH = {
    f"{row}{suffix}": sentence.format(**words)
    for suffix, words in (
        (
            "",
            {
                "call": "s390_pci_mmio_write()",
                "flag": "VM_WRITE",
                "after": "",
                "bytes": ", and user space's bytes could be copied",
                "does": "writes",
                "purpose": "writing",
            },
        ),
        (
            "r",
            {
                "call": "s390_pci_mmio_read()",
                "flag": "VM_READ",
                "after": ", and has given the bytes to user space",
                "bytes": "",
                "does": "reads",
                "purpose": "reading",
            },
        ),
    )
    for row, sentence in (
        (
            "S390-3",
            "{call}, from its C text: at the MMIO ptl is held, the PTE is present, and gives the "
            "address that is accessed.",
        ),
        (
            "S390-4",
            "{call}, from its C text, makes the MMIO only if the VMA that it has found has {flag}, "
            "and refuses with -EACCES only if it has not.",
        ),
        (
            "S390-5",
            "{call}, from its C text, has released mmap_lock and ptl and freed its buffer, each "
            "once, when it returns; nothing sleeps under ptl or takes a page fault under a lock.",
        ),
        (
            "S390-6",
            "{call}, from its C text, returns 0 only if it has made the MMIO, of all the bytes"
            "{after}.",
        ),
        (
            "S390-7",
            "{call}, from its C text: the VMA whose flags it tests is the one that the address "
            "lies in.",
        ),
        (
            "S390-9",
            "{call}, from its C text, returns -ENODEV without PCI; or else -EINVAL for a range "
            "that is empty or leaves its page; or else -ENOMEM if kmalloc(GFP_KERNEL) gives no "
            "buffer.",
        ),
        (
            "S390-10",
            "{call}, from its C text, whose lookup finds no VMA that may have such a PTE, or no "
            "PTE, returns -EINVAL; one that makes no lookup in its VMA returns -EACCES.",
        ),
        (
            "S390-11",
            "{call}, from its C text, makes the MMIO if a PTE was found, it leads to a PCI "
            "window{bytes}, and only then.",
        ),
        (
            "S390-12",
            "{call}, from its C text, returns -EFAULT if user space's bytes cannot be copied, and "
            "else what the MMIO returns, if it makes one.",
        ),
        (
            "S390-13",
            "{call}, from its C text, returns -EFAULT if the PTE leads to no PCI window.",
        ),
        (
            "S390-14",
            "{call}, from its C text: the MMIO {does} the bytes that the PTE gave the address when "
            "it was read.",
        ),
        (
            "S390-15",
            "{call}, from its C text, refuses a page for having no PTE only if it has looked after "
            "a page fault, and takes one only for such a page, for {purpose}.",
        ),
    )
}
STATEMENTS = {
    **_OF_ONE,
    **_OF_BOTH,
    "S390-8": "s390_pci_mmio_write(), from its C text: at the MMIO the PTE is writable.",
    "S390-16": "s390_pci_mmio_read(), from its C text, makes the MMIO only if the VMA that it has "
    "found has VM_WRITE, and refuses with -EACCES only if it has not.",
}


def _kin(name: str, version: str) -> str:
    """Of a text that is the same in v4 and in 5.12, the claims at both are one question."""
    return f"{name.partition('-')[0]} text@{'merged' if version == 'v4' else version}"


_ROWS = Rows(STATEMENTS, _kin)
proved, refuted = _ROWS.proved, _ROWS.refuted
