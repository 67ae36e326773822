/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * System calls of 32-bit programs, and of 64-bit ones that make 32-bit calls: other numbers, on x86 in
 * other registers. Also those of the x32 ABI.
 */
#pragma once

#include "operand.bpf.h"

enum {
	EXECVE = __NR_execve,
	CAPGET = __NR_capget,
	CAPSET = __NR_capset,
	PRCTL = __NR_prctl,
	EXECVEAT = __NR_execveat,
};

#if defined(__TARGET_ARCH_x86)
enum { X32_EXECVE = 520, X32_EXECVEAT = 545 }; /* the other numbers are the 64-bit ones */
enum {
	COMPAT_EXECVE = 11,
	COMPAT_PRCTL = 172,
	COMPAT_CAPGET = 184,
	COMPAT_CAPSET = 185,
	COMPAT_EXECVEAT = 358,
};
#else
enum {
	COMPAT_EXECVE = 11,
	COMPAT_PRCTL = 172,
	COMPAT_CAPGET = 184,
	COMPAT_CAPSET = 185,
	COMPAT_EXECVEAT = 387,
};
#endif

/* The 64-bit number of a call that changes sets or executes, in whichever table it was made. */
static __always_inline __u16 sets_call(__u16 syscall, bool compat)
{
	if (!compat) {
#if defined(__TARGET_ARCH_x86)
		if (syscall == X32_EXECVE)
			return EXECVE;
		if (syscall == X32_EXECVEAT)
			return EXECVEAT;
#endif
		return syscall;
	}
	switch (syscall) {
	case COMPAT_EXECVE:
		return EXECVE;
	case COMPAT_PRCTL:
		return PRCTL;
	case COMPAT_CAPGET:
		return CAPGET;
	case COMPAT_CAPSET:
		return CAPSET;
	case COMPAT_EXECVEAT:
		return EXECVEAT;
	}
	return CAPMON_NO_SYSCALL;
}

/*
 * The result of a 32-bit call is negative where it failed. arm64 extends it with zeros in the register,
 * and before 5.14 for who watches the ends of calls.
 */
static __always_inline long whole_result(long result, bool compat)
{
#if defined(__TARGET_ARCH_arm64)
	if (compat)
		return (__s32)result;
#endif
	return result;
}

/* The arguments of a call at its end. */
struct call_arguments {
	__u64 first;
	__u64 second;
	__u64 third;
};

static __always_inline struct call_arguments arguments_at_exit(const struct pt_regs *registers,
							       bool compat)
{
	struct call_arguments arguments = {};

#if defined(__TARGET_ARCH_x86)
	if (compat) {
		arguments.first = (__u32)read_word(&registers->bx);
		arguments.second = (__u32)read_word(&registers->cx);
		arguments.third = (__u32)read_word(&registers->dx);
		return arguments;
	}
#endif
	arguments.first = ARGUMENT_1_AT_EXIT(registers);
	arguments.second = ARGUMENT_2(registers);
	arguments.third = ARGUMENT_3(registers);
	return arguments;
}
