/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * Some capabilities are checked before the cheaper test is made. For a few very common calls the
 * operands show at once what the answer decides:
 *  - setuid(2), setgid(2) to the id that is both real and saved: nothing. To an id that is only one
 *    of the two: the call succeeds without, but changes the effective id alone, so that the other
 *    one stays as a way back. The capability protects;
 *  - CAP_FSETID in chmod(2) and the like, with a mode that has no set-group-ID bit to lose.
 */
#pragma once

#include "task.bpf.h"
#include <asm/unistd.h>

#define CAP_FSETID 4
#define CAP_SETGID 6
#define CAP_SETUID 7

enum {
#if defined(__NR_chmod)
	CHMOD = __NR_chmod,
#else
	CHMOD = CAPMON_NO_SYSCALL - 1, /* programs call fchmodat(2) */
#endif
	FCHMOD = __NR_fchmod,
	SETUID = __NR_setuid,
	SETGID = __NR_setgid,
	FCHMODAT = __NR_fchmodat,
	FCHMODAT2 = 452, /* on every architecture; newer than the headers of Debian 12 */
};

#if defined(__TARGET_ARCH_x86)
#define ARGUMENT_1(registers) read_word(&(registers)->di)
#define ARGUMENT_1_AT_EXIT(registers) ARGUMENT_1(registers)
#define RESULT(registers) read_word(&(registers)->ax)
#define ARGUMENT_2(registers) read_word(&(registers)->si)
#define ARGUMENT_3(registers) read_word(&(registers)->dx)
#else
#define ARGUMENT_1(registers) read_word(&(registers)->regs[0])
#define ARGUMENT_1_AT_EXIT(registers) read_word(&(registers)->orig_x0) /* the other is the result */
#define RESULT(registers) read_word(&(registers)->regs[0])
#define ARGUMENT_2(registers) read_word(&(registers)->regs[1])
#define ARGUMENT_3(registers) read_word(&(registers)->regs[2])
#endif

static __always_inline __u16 sets_own_id(const struct pt_regs *registers, const struct cred *cred,
					 __u8 capability)
{
	struct user_namespace *user_ns = TASK_READ(cred, user_ns);
	__u32 wanted = ARGUMENT_1(registers), real, saved;

	if (TASK_READ(user_ns, level) != 0)
		return 0; /* ids there are translated */
	real = capability == CAP_SETUID ? TASK_READ(cred, uid.val) : TASK_READ(cred, gid.val);
	saved = capability == CAP_SETUID ? TASK_READ(cred, suid.val) : TASK_READ(cred, sgid.val);
	if (wanted == real && wanted == saved)
		return CAPMON_HARMLESS;
	return wanted == real || wanted == saved ? CAPMON_PROTECTS : 0;
}

/* What the capability decides, by the operands of the call. */
static __always_inline __u16 operand_traits(struct task_struct *task, __u16 syscall,
					    __u8 capability)
{
	const struct pt_regs *registers = user_registers(task);
	__u64 mode = S_ISGID;

	if (capability == CAP_SETUID || capability == CAP_SETGID) {
		if (syscall != SETUID && syscall != SETGID)
			return 0;
		return sets_own_id(registers, TASK_READ(task, real_cred), capability);
	}
	if (capability != CAP_FSETID)
		return 0;
	if (syscall == CHMOD || syscall == FCHMOD)
		mode = ARGUMENT_2(registers);
	else if (syscall == FCHMODAT || syscall == FCHMODAT2)
		mode = ARGUMENT_3(registers);
	return mode & S_ISGID ? 0 : CAPMON_HARMLESS;
}
