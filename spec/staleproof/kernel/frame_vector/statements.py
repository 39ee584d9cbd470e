"""What each GVF property says, in kernel words, and which verdict means what.

The rows GVF-1 to GVF-16 are those of the first table (docs/findings.md). The rows from GVF-17
on, and GVF-10a, were added: a row said two things at once, or a mutant of the C text went
unnoticed without them.
"""

from __future__ import annotations

STATEMENTS = {
    "GVF-1": "Nothing is written outside ptrs[0 .. nr_allocated).",
    "GVF-2": "A range that is mapped by VM_IO or VM_PFNMAP VMAs throughout, from a page-aligned "
    "start, with every PTE present, gives all the frames asked for: the pfn fallback is live.",
    "GVF-3": "For n > 0 the result is 1 .. n frames or a negative errno, and never 0.",
    "GVF-4": "If the pin failed with an errno and no pfn was obtained, that errno is the result.",
    "GVF-5": "A result above 0 is nr_frames, and got_ref says exactly whether those slots, and "
    "only those, hold a pin.",
    "GVF-6": "is_pfns tells the true type of every slot below nr_frames.",
    "GVF-7": "get_vaddr_frames is called on an empty vector only, and only an empty one is freed.",
    "GVF-8": "A raw pfn that is returned was read from a writable PTE.",
    "GVF-9": "A raw pfn stays backed by the present PTE that it was read from while it is in use.",
    "GVF-10": "No page in CMA stays pinned for as long as user space likes.",
    "GVF-10a": "No page in CMA stays pinned, unless its migration failed.",
    "GVF-11": "No page of a DAX file is pinned, not even in a later VMA of the range.",
    "GVF-12": "mmap_lock is taken and released in balance on every path, and held where VMAs or "
    "page tables are looked at.",
    "GVF-13": "Every call ends.",
    "GVF-14": "A negative result means that the pfn walk has written no slot.",
    "GVF-15": "put_vaddr_frames gives back every pin that the vector holds, each exactly once.",
    "GVF-16": "Only pages that are pinned are marked dirty when the buffer is released.",
    "GVF-17": "A result of 0 or an errno leaves the vector empty, and nothing pinned.",
    "GVF-18": "From a page-aligned start, slot i is what was found at address start + i pages.",
    "GVF-19": "Frames that are returned are always pinned: no raw pfn leaves the function.",
    "GVF-20": "Asked for no frames, it returns 0 and does nothing.",
    "GVF-21": "Every pin asks for write access, by force where a private mapping is read-only.",
    "GVF-22": "A negative result is the pin's own errno, -EFAULT, -EINVAL or -EOPNOTSUPP.",
    "GVF-23": "The -EINVAL of a walk that found no raw mapping never hides the errno of the pin.",
    "GVF-24": "A range that begins in a VMA of a DAX file gives -EOPNOTSUPP.",
    "GVF-25": "put_vaddr_frames leaves the vector empty: nr_frames is 0, got_ref false.",
    "GVF-26": "frame_vector_to_pages turns every slot into the page of its pfn and returns 0, or "
    "returns -EINVAL, because one of the pfns has no page, and changes nothing.",
    "GVF-27": "frame_vector_pages gives the slots as pages, converted if they were pfns; or an "
    "ERR_PTR of -EINVAL, because one of the pfns has no page, and changes nothing.",
    "GVF-28": "frame_vector_to_pfns turns every slot into the pfn of its page.",
    "GVF-29": "frame_vector_pfns gives the slots as pfns, converted if they were pages.",
    "GVF-30": "follow_pfn is asked only for addresses inside the VMA that it is given.",
    "GVF-31": "follow_pfn is asked only of VM_IO and VM_PFNMAP VMAs.",
    "GVF-32": "If the first follow_pfn fails, its errno is the result.",
    "GVF-33": "follow_pfn is asked only where a whole page, from the address on, is left of the "
    "VMA.",
    "GVF-34": "If the pin failed, and then the first follow_pfn does too, the errno of the pin is "
    "the result.",
    "GVF-35": "Of normal memory (no VM_IO or VM_PFNMAP VMA) it gives the frames that the pin gave, "
    "pinned and as pages; and an errno where the pin gave none.",
}
