/*
 * The scripted world, and the driver: one script a line in, one JSON record a line out.
 *
 * A line is a list of integers, in the order in which read_script() takes them.
 * The vector lies between two guard zones, so a write in front of the array
 * lands somewhere and can be told by its index.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "operations.h"

#define MAX_VMAS 4
#define MAX_LOOKUPS 8192
#define MAX_INVALID 64
#define MAX_OPERATIONS 16
#define MAX_PINS 65536
#define MAX_CALLS 65536
#define MAX_NOTES 64
#define MAX_ARGUMENTS 20
#define SHOWN_SLOTS 16
#define MAX_STRAY 64

#define GUARD_SLOTS 8192UL
#define MAX_ALLOCATED 0x07ffffffUL
#define POISON 0x6b6b6b6b6b6b6b6bUL
#define VMEMMAP 0xffffea0000000000UL
#define STEP_BUDGET (1UL << 20)
#define POPULATED_PFN 0x100000UL

enum operation {
	GET,
	PUT,
	TO_PAGES,
	TO_PFNS,
	PAGES,
	PFNS,
	COUNT,
	CREATE,
	DESTROY,
	CREATE_FRAMEVEC,
	DESTROY_FRAMEVEC,
	RELEASE_FRAMEVEC,
};

struct script {
	unsigned long start;
	unsigned int nr_frames;
	unsigned int gup_flags;
	unsigned int nr_allocated;
	unsigned int old_nr_frames;
	bool old_got_ref;
	bool old_is_pfns;
	unsigned long length;
	int direction;
	int pin_result;
	unsigned long pin_first_pfn;
	int pin_leftovers;
	bool pin_drops_lock;
	bool allocation_fails;
	int nr_vmas;
	struct vm_area_struct vmas[MAX_VMAS];
	int nr_lookups;
	int lookup_error[MAX_LOOKUPS];
	unsigned long lookup_pfn[MAX_LOOKUPS];
	int nr_invalid;
	unsigned long invalid_pfn[MAX_INVALID];
	int nr_slots;
	unsigned long slot[SHOWN_SLOTS];
	int nr_operations;
	int operation[MAX_OPERATIONS];
};

struct call {
	const char *function;
	int nr_arguments;
	long argument[MAX_ARGUMENTS];
	long result;
};

static struct script script;

static struct call calls[MAX_CALLS];
static int nr_calls;
static long writes[MAX_CALLS][2];
static int nr_writes;
static const char *warning_kind[MAX_NOTES], *warning_text[MAX_NOTES];
static int nr_warnings;
static const char *violation_kind[MAX_NOTES], *violation_text[MAX_NOTES];
static int nr_violations;
static unsigned long pinned[MAX_PINS];
static int nr_pinned;
static int nr_follow_calls;
static int lock_depth;
static unsigned long steps;

static char *arena;
static size_t arena_size;
static struct frame_vector *vec_in_arena;
static struct vm_area_struct *mapped_vmas;
static size_t host_page;

static sigjmp_buf abandon;
enum { CRASHED = 1, RUNAWAY };

struct mm_struct {
	int unused;
};
static struct mm_struct scripted_mm;
static struct task_struct the_task = { .mm = &scripted_mm };
struct task_struct *const scripted_task = &the_task;

static void take_step(void)
{
	if (++steps > STEP_BUDGET)
		siglongjmp(abandon, RUNAWAY);
}

static struct call *note_call(const char *function)
{
	struct call *call;

	take_step();
	if (nr_calls == MAX_CALLS)
		siglongjmp(abandon, RUNAWAY);
	call = &calls[nr_calls++];
	call->function = function;
	call->nr_arguments = 0;
	call->result = 0;
	return call;
}

static void add_argument(struct call *call, long value)
{
	if (call->nr_arguments < MAX_ARGUMENTS)
		call->argument[call->nr_arguments++] = value;
}

void note_warning(const char *kind, const char *text)
{
	take_step();
	if (nr_warnings < MAX_NOTES) {
		warning_kind[nr_warnings] = kind;
		warning_text[nr_warnings++] = text;
	}
}

void note_violation(const char *kind, const char *text)
{
	take_step();
	if (nr_violations < MAX_NOTES) {
		violation_kind[nr_violations] = kind;
		violation_text[nr_violations++] = text;
	}
}

/* A VMA can be read only under the lock: a stale pointer to one faults. */
static void show_vmas(bool readable)
{
	mprotect(mapped_vmas, host_page, readable ? PROT_READ : PROT_NONE);
}

static void drop_lock(void)
{
	lock_depth--;
	if (lock_depth == 0)
		show_vmas(false);
}

void mmap_read_lock(struct mm_struct *mm)
{
	note_call("mmap_read_lock");
	if (mm != &scripted_mm)
		note_violation("mmap_read_lock", "of another mm");
	if (lock_depth != 0)
		note_violation("mmap_read_lock", "taken twice");
	lock_depth++;
	show_vmas(true);
}

void mmap_read_unlock(struct mm_struct *mm)
{
	note_call("mmap_read_unlock");
	if (mm != &scripted_mm)
		note_violation("mmap_read_unlock", "of another mm");
	if (lock_depth < 1)
		note_violation("mmap_read_unlock", "not held");
	drop_lock();
}

struct vm_area_struct *find_vma_intersection(struct mm_struct *mm, unsigned long start,
					     unsigned long end)
{
	struct call *call = note_call("find_vma_intersection");
	int i;

	add_argument(call, start);
	add_argument(call, end);
	call->result = -1;
	if (mm != &scripted_mm)
		note_violation("find_vma_intersection", "in another mm");
	if (lock_depth < 1)
		note_violation("find_vma_intersection", "without mmap_lock");

	for (i = 0; i < script.nr_vmas; i++) {
		if (script.vmas[i].vm_end <= start)
			continue;
		if (script.vmas[i].vm_start >= end)
			return NULL;
		call->result = i;
		return &mapped_vmas[i];
	}
	return NULL;
}

static const struct vm_area_struct *scripted_vma(const char *reader, struct vm_area_struct *vma)
{
	long i = vma - mapped_vmas;

	if (lock_depth < 1)
		note_violation(reader, "without mmap_lock");
	if (i < 0 || i >= script.nr_vmas)
		siglongjmp(abandon, CRASHED);
	return &script.vmas[i];
}

bool vma_is_fsdax(struct vm_area_struct *vma)
{
	struct call *call = note_call("vma_is_fsdax");

	call->result = scripted_vma("vma_is_fsdax", vma)->fsdax;
	return call->result;
}

int follow_pfn(struct vm_area_struct *vma, unsigned long address, unsigned long *pfn)
{
	struct call *call = note_call("follow_pfn");
	const struct vm_area_struct *area = scripted_vma("follow_pfn", vma);
	long index = pfn - (unsigned long *)vec_in_arena->ptrs;
	int k = nr_follow_calls++;
	int error = k < script.nr_lookups ? script.lookup_error[k] : 0;
	unsigned long value = k < script.nr_lookups ? script.lookup_pfn[k] : POPULATED_PFN + k;

	add_argument(call, address);
	add_argument(call, index);
	if (address < area->vm_start || address >= area->vm_end)
		note_violation("follow_pfn", "address outside the VMA");
	if (!(area->vm_flags & (VM_IO | VM_PFNMAP)))
		error = -EINVAL;

	call->result = error;
	if (error)
		return error;
	if (index < -(long)GUARD_SLOTS + 2 || index >= (long)(script.nr_allocated + GUARD_SLOTS))
		siglongjmp(abandon, CRASHED);
	*pfn = value;
	writes[nr_writes][0] = index;
	writes[nr_writes++][1] = value;
	return 0;
}

struct page *pfn_to_page(unsigned long pfn)
{
	take_step();
	return (struct page *)(VMEMMAP + 64 * pfn);
}

unsigned long page_to_pfn(const struct page *page)
{
	take_step();
	return (long)((unsigned long)page - VMEMMAP) >> 6;
}

bool pfn_valid(unsigned long pfn)
{
	int i;

	take_step();
	for (i = 0; i < script.nr_invalid; i++) {
		if (script.invalid_pfn[i] == pfn)
			return false;
	}
	return true;
}

static int scripted_pin(const char *function, long nr_pages, struct page **pages)
{
	int stored = script.pin_result > 0 ? script.pin_result : script.pin_leftovers;
	int i;

	if ((void **)pages != vec_in_arena->ptrs)
		note_violation(function, "target is not the first slot");
	if (stored > nr_pages) {
		note_violation(function, "fewer pages asked for than scripted");
		stored = nr_pages < 0 ? 0 : nr_pages;
	}
	for (i = 0; i < stored; i++) {
		pages[i] = (struct page *)(VMEMMAP + 64 * (script.pin_first_pfn + i));
		if (script.pin_result > 0 && nr_pinned < MAX_PINS)
			pinned[nr_pinned++] = (unsigned long)pages[i];
	}
	return script.pin_result > 0 ? stored : script.pin_result;
}

int pin_user_pages_fast(unsigned long start, int nr_pages, unsigned int gup_flags,
			struct page **pages)
{
	struct call *call = note_call("pin_user_pages_fast");

	add_argument(call, start);
	add_argument(call, nr_pages);
	add_argument(call, gup_flags);
	if (lock_depth != 0)
		note_violation("pin_user_pages_fast", "under mmap_lock");
	call->result = scripted_pin("pin_user_pages_fast", nr_pages, pages);
	return call->result;
}

long pin_user_pages_locked(unsigned long start, unsigned long nr_pages, unsigned int gup_flags,
			   struct page **pages, int *locked)
{
	struct call *call = note_call("pin_user_pages_locked");

	add_argument(call, start);
	add_argument(call, nr_pages);
	add_argument(call, gup_flags);
	if (lock_depth < 1)
		note_violation("pin_user_pages_locked", "without mmap_lock");
	if (*locked != 1)
		note_violation("pin_user_pages_locked", "locked is not 1");
	if (gup_flags & FOLL_LONGTERM)
		note_violation("pin_user_pages_locked", "with FOLL_LONGTERM");
	if (script.pin_drops_lock) {
		*locked = 0;
		drop_lock();
	}
	call->result = scripted_pin("pin_user_pages_locked", nr_pages, pages);
	return call->result;
}

static int find_pin(unsigned long page)
{
	int i;

	for (i = 0; i < nr_pinned; i++) {
		if (pinned[i] == page)
			return i;
	}
	return -1;
}

void unpin_user_pages(struct page **pages, unsigned long npages)
{
	struct call *call = note_call("unpin_user_pages");
	unsigned long i;
	int found;

	add_argument(call, npages);
	for (i = 0; i < npages; i++) {
		take_step();
		add_argument(call, (long)pages[i]);
		found = find_pin((unsigned long)pages[i]);
		if (found < 0)
			note_violation("unpin_user_pages", "page is not pinned");
		else
			pinned[found] = pinned[--nr_pinned];
	}
}

/* The recorded result tells whether the page was pinned at that moment. */
int set_page_dirty_lock(struct page *page)
{
	struct call *call = note_call("set_page_dirty_lock");

	add_argument(call, (long)page);
	call->result = find_pin((unsigned long)page) >= 0;
	return 1;
}

static void poison_vector(void)
{
	unsigned long *slots = (unsigned long *)vec_in_arena->ptrs;
	unsigned long i;

	memset(vec_in_arena, POISON & 0xff, sizeof(*vec_in_arena));
	for (i = 0; i < script.nr_allocated && i < SHOWN_SLOTS; i++)
		slots[i] = POISON;
}

void *kvmalloc(size_t size, unsigned int flags)
{
	struct call *call = note_call("kvmalloc");

	(void)flags;
	add_argument(call, size);
	if (script.allocation_fails)
		return NULL;
	call->result = 1;
	script.nr_allocated = (size - sizeof(struct frame_vector)) / sizeof(void *);
	if (script.nr_allocated > MAX_ALLOCATED)
		siglongjmp(abandon, CRASHED);
	poison_vector();
	return vec_in_arena;
}

void kvfree(const void *pointer)
{
	note_call("kvfree");
	if (pointer != vec_in_arena)
		note_violation("kvfree", "of something else than the vector");
}

static void on_signal(int number)
{
	siglongjmp(abandon, number == SIGALRM ? RUNAWAY : CRASHED);
}

static char *cursor;

static unsigned long take(void)
{
	char *end;
	unsigned long value;

	value = strtoull(cursor, &end, 10);
	if (end == cursor) {
		fprintf(stderr, "a script line ends too early\n");
		exit(2);
	}
	cursor = end;
	return value;
}

static int take_count(unsigned long limit)
{
	unsigned long count = take();

	if (count > limit) {
		fprintf(stderr, "a list of %lu entries, the limit is %lu\n", count, limit);
		exit(2);
	}
	return count;
}

static void read_script(char *line)
{
	int i;

	cursor = line;
	memset(&script, 0, offsetof(struct script, lookup_error));
	script.start = take();
	script.nr_frames = take();
	script.gup_flags = take();
	script.nr_allocated = take_count(MAX_ALLOCATED);
	script.old_nr_frames = take();
	script.old_got_ref = take();
	script.old_is_pfns = take();
	script.length = take();
	script.direction = take();
	script.pin_result = take();
	script.pin_first_pfn = take();
	script.pin_leftovers = take();
	script.pin_drops_lock = take();
	script.allocation_fails = take();
	script.nr_vmas = take_count(MAX_VMAS);
	for (i = 0; i < script.nr_vmas; i++) {
		script.vmas[i].vm_start = take();
		script.vmas[i].vm_end = take();
		script.vmas[i].vm_flags = take();
		script.vmas[i].fsdax = take();
	}
	script.nr_lookups = take_count(MAX_LOOKUPS);
	for (i = 0; i < script.nr_lookups; i++) {
		script.lookup_error[i] = take();
		script.lookup_pfn[i] = take();
	}
	script.nr_invalid = take_count(MAX_INVALID);
	for (i = 0; i < script.nr_invalid; i++)
		script.invalid_pfn[i] = take();
	script.nr_slots = take_count(SHOWN_SLOTS);
	for (i = 0; i < script.nr_slots; i++)
		script.slot[i] = take();
	script.nr_operations = take_count(MAX_OPERATIONS);
	for (i = 0; i < script.nr_operations; i++)
		script.operation[i] = take();
}

static void set_up(void)
{
	unsigned long *slots = (unsigned long *)vec_in_arena->ptrs;
	int i;

	madvise(arena, arena_size, MADV_DONTNEED);
	nr_calls = nr_writes = nr_warnings = nr_violations = nr_pinned = 0;
	nr_follow_calls = lock_depth = 0;
	steps = 0;
	poison_vector();
	vec_in_arena->nr_allocated = script.nr_allocated;
	vec_in_arena->nr_frames = script.old_nr_frames;
	vec_in_arena->got_ref = script.old_got_ref;
	vec_in_arena->is_pfns = script.old_is_pfns;
	for (i = 0; i < script.nr_slots; i++)
		slots[i] = script.slot[i];
	if (script.old_got_ref) {
		for (i = 0; i < script.nr_slots && i < (int)script.old_nr_frames; i++)
			pinned[nr_pinned++] =
				script.old_is_pfns ? VMEMMAP + 64 * script.slot[i] : script.slot[i];
	}
	mprotect(mapped_vmas, host_page, PROT_READ | PROT_WRITE);
	memcpy(mapped_vmas, script.vmas, sizeof(script.vmas));
	show_vmas(false);
}

static long pointer_result(const void *pointer)
{
	if (IS_ERR(pointer))
		return PTR_ERR(pointer);
	return pointer != NULL;
}

static long perform(int operation, struct frame_vector **vec)
{
	struct frame_vector *made;

	switch (operation) {
	case GET:
		return version_get(script.start, script.nr_frames, script.gup_flags, *vec);
	case PUT:
		version_put(*vec);
		return 0;
	case TO_PAGES:
		return version_to_pages(*vec);
	case TO_PFNS:
		version_to_pfns(*vec);
		return 0;
	case PAGES:
		return pointer_result(version_pages(*vec));
	case PFNS:
		return pointer_result(version_pfns(*vec));
	case COUNT:
		return version_count(*vec);
	case CREATE:
		*vec = version_create(script.nr_frames);
		return pointer_result(*vec);
	case DESTROY:
		version_destroy(*vec);
		return 0;
	case CREATE_FRAMEVEC:
		made = version_create_framevec(script.start, script.length);
		if (!IS_ERR(made))
			*vec = made;
		return pointer_result(made);
	case DESTROY_FRAMEVEC:
		version_destroy_framevec(*vec);
		return 0;
	case RELEASE_FRAMEVEC:
		version_release_framevec(*vec, script.direction);
		return 0;
	}
	fprintf(stderr, "no operation %d\n", operation);
	exit(2);
}

static void print_notes(const char *name, const char **kind, const char **text, int count)
{
	const char *c;
	int i;

	printf("\"%s\":[", name);
	for (i = 0; i < count; i++) {
		printf("%s\"%s: ", i ? "," : "", kind[i]);
		for (c = text[i]; *c; c++)
			printf(*c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
		printf("\"");
	}
	printf("],");
}

static void print_stray(void)
{
	long *slots = (long *)vec_in_arena->ptrs;
	long i;
	int count = 0;

	printf("\"stray\":[");
	for (i = -(long)GUARD_SLOTS + 2; i < (long)(script.nr_allocated + GUARD_SLOTS); i++) {
		if (i == -2)
			i = script.nr_allocated;
		if (slots[i] && count < MAX_STRAY)
			printf("%s%ld", count++ ? "," : "", i);
	}
	printf("],");
}

static void print_outcome(const char *fate, const long *results, int nr_results)
{
	unsigned char *header = (unsigned char *)vec_in_arena;
	unsigned long *slots = (unsigned long *)vec_in_arena->ptrs;
	unsigned int i, j;

	printf("{\"fate\":\"%s\",\"results\":[", fate);
	for (i = 0; i < (unsigned int)nr_results; i++)
		printf("%s%ld", i ? "," : "", results[i]);
	printf("],\"nr_allocated\":%u,\"nr_frames\":%u,\"got_ref\":%d,\"is_pfns\":%d,"
	       "\"lock_depth\":%d,\"slots\":[",
	       vec_in_arena->nr_allocated, vec_in_arena->nr_frames,
	       header[offsetof(struct frame_vector, got_ref)],
	       header[offsetof(struct frame_vector, is_pfns)], lock_depth);
	for (i = 0; i < script.nr_allocated && i < SHOWN_SLOTS; i++)
		printf("%s%lu", i ? "," : "", slots[i]);
	printf("],\"pinned\":[");
	for (i = 0; i < (unsigned int)nr_pinned; i++)
		printf("%s%lu", i ? "," : "", pinned[i]);
	printf("],\"writes\":[");
	for (i = 0; i < (unsigned int)nr_writes; i++)
		printf("%s[%ld,%lu]", i ? "," : "", writes[i][0], (unsigned long)writes[i][1]);
	printf("],");
	print_stray();
	print_notes("warnings", warning_kind, warning_text, nr_warnings);
	print_notes("violations", violation_kind, violation_text, nr_violations);
	printf("\"calls\":[");
	for (i = 0; i < (unsigned int)nr_calls; i++) {
		printf("%s[\"%s\",[", i ? "," : "", calls[i].function);
		for (j = 0; j < (unsigned int)calls[i].nr_arguments; j++)
			printf("%s%lu", j ? "," : "", (unsigned long)calls[i].argument[j]);
		printf("],%ld]", calls[i].result);
	}
	printf("]}\n");
}

static void run(char *line)
{
	static long results[MAX_OPERATIONS];
	static struct frame_vector *vec;
	static volatile int done;
	const char *fate = "returned";

	read_script(line);
	set_up();
	vec = vec_in_arena;
	done = 0;
	alarm(10);
	switch (sigsetjmp(abandon, 1)) {
	case 0:
		while (done < script.nr_operations) {
			results[done] = perform(script.operation[done], &vec);
			done++;
		}
		break;
	case CRASHED:
		fate = "crashed";
		break;
	default:
		fate = "runaway";
		break;
	}
	alarm(0);
	print_outcome(fate, results, done);
}

static void *map(size_t size)
{
	void *area = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (area == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return area;
}

int main(void)
{
	static const int caught[] = { SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGALRM };
	struct sigaction action = { .sa_handler = on_signal };
	char *line = NULL;
	size_t size = 0;
	size_t i;

	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		sigaction(caught[i], &action, NULL);

	host_page = sysconf(_SC_PAGESIZE);
	mapped_vmas = map(host_page);
	arena_size = (2 * GUARD_SLOTS + MAX_ALLOCATED) * sizeof(void *) +
		     sizeof(struct frame_vector);
	arena = map(arena_size);
	vec_in_arena = (struct frame_vector *)(arena + GUARD_SLOTS * sizeof(void *));

	while (getline(&line, &size, stdin) > 0)
		run(line);
	free(line);
	return 0;
}
