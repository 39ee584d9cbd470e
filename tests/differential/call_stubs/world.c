/*
 * A kernel that knows no answer itself: each call of a text is shown to `answer`, set from outside.
 *
 * CALLS names what is called, as CALL(f) CALL(g); what the text defines itself takes precedence.
 * A function is made for up to seven words, whatever its type: on LP64 each argument arrives in a
 * register or a slot of its own, of which only as many bits count as its type has.
 */
#include <setjmp.h>
#include "kernel.h"

int CONFIG_STRICT_FOLLOW_PFN;
struct task_struct task;
struct task_struct *const scripted_task = &task;

u64 (*answer)(const char *name, const u64 *arguments);
/* Set by `answer`: the run ends here. */
int stop;

static jmp_buf the_end;

void note_warning(const char *kind, const char *text)
{
}

void note_violation(const char *kind, const char *text)
{
}

static u64 called(const char *name, const u64 *arguments)
{
	u64 result = answer(name, arguments);

	if (stop)
		longjmp(the_end, 1);
	return result;
}

#define CALL(name)								\
	__attribute__((weak)) u64 answered_##name(u64 a, u64 b, u64 c, u64 d,	\
						  u64 e, u64 f, u64 g)		\
		__asm__(#name);							\
	u64 answered_##name(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g)	\
	{									\
		return called(#name, (u64[]){ a, b, c, d, e, f, g });		\
	}
CALLS

/* The result of the text's function; 0 if the run was stopped. */
u64 run(u64 (*function)(u64, u64, u64, u64, u64, u64), const u64 *a)
{
	stop = 0;
	if (setjmp(the_end))
		return 0;
	return function(a[0], a[1], a[2], a[3], a[4], a[5]);
}
