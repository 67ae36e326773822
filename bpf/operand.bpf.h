/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * Some capabilities are asked for before the cheaper answer is looked at. For a few very common
 * calls the operands tell at once that the answer did not matter:
 *  - setuid(2), setgid(2) to an id the task already has, real or saved;
 *  - CAP_FSETID in chmod(2) and the like, with a mode that has no set-group-ID bit to lose.
 */
#pragma once

#include "task.bpf.h"

#define CAP_FSETID 4
#define CAP_SETGID 6
#define CAP_SETUID 7

#if defined(__TARGET_ARCH_x86)
enum { CHMOD = 90, FCHMOD = 91, SETUID = 105, SETGID = 106, FCHMODAT = 268, FCHMODAT2 = 452 };
#define ARGUMENT_1(registers) read_word(&(registers)->di)
#define ARGUMENT_2(registers) read_word(&(registers)->si)
#define ARGUMENT_3(registers) read_word(&(registers)->dx)
#else
enum { CHMOD = -1, FCHMOD = 52, SETUID = 146, SETGID = 144, FCHMODAT = 53, FCHMODAT2 = 452 };
#define ARGUMENT_1(registers) read_word(&(registers)->regs[0])
#define ARGUMENT_2(registers) read_word(&(registers)->regs[1])
#define ARGUMENT_3(registers) read_word(&(registers)->regs[2])
#endif

static __always_inline bool sets_own_id(const struct pt_regs *registers, const struct cred *cred,
					__u8 capability)
{
	struct user_namespace *user_ns = TASK_READ(cred, user_ns);
	__u32 wanted = ARGUMENT_1(registers);

	if (TASK_READ(user_ns, level) != 0)
		return false; /* ids there are translated */
	if (capability == CAP_SETUID)
		return wanted == TASK_READ(cred, uid.val) || wanted == TASK_READ(cred, suid.val);
	return wanted == TASK_READ(cred, gid.val) || wanted == TASK_READ(cred, sgid.val);
}

/* Whether the call, by its operands, would have gone the same way without the capability. */
static __always_inline bool operands_harmless(struct task_struct *task, __u16 syscall,
					      __u8 capability)
{
	const struct pt_regs *registers = user_registers(task);

	if (capability == CAP_SETUID || capability == CAP_SETGID) {
		if (syscall != SETUID && syscall != SETGID)
			return false;
		return sets_own_id(registers, TASK_READ(task, real_cred), capability);
	}
	if (capability != CAP_FSETID)
		return false;
	if (syscall == CHMOD || syscall == FCHMOD)
		return !(ARGUMENT_2(registers) & S_ISGID);
	if (syscall == FCHMODAT || syscall == FCHMODAT2)
		return !(ARGUMENT_3(registers) & S_ISGID);
	return false;
}
