/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * Where an executed file is: its path within its own file system. That is the same from every root and in
 * every mount namespace, whatever path was given to execve.
 */
#pragma once

#include "task.bpf.h"

#define LAST_STEP_AT 255
_Static_assert(LAST_STEP_AT + CAPMON_STEP_LEN <= CAPMON_STEPS_LEN, "a name fits");

/* Writes the names from the file upwards; returns their bytes, 0 where they do not fit. */
static __always_inline __u16 fill_steps(char *steps, const struct dentry *dentry)
{
	__u64 used = 0;
	int i;

	for (i = 0; i < CAPMON_MAX_STEPS; i++) {
		const struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
		long size;

		if (!parent)
			return 0;
		if (parent == dentry)
			return used;
		if (used > LAST_STEP_AT)
			return 0;
		barrier_var(used); /* else the mask, which the verifier of 5.10 needs, is optimized away */
		size = bpf_probe_read_kernel_str(steps + (used & LAST_STEP_AT), CAPMON_STEP_LEN,
						 BPF_CORE_READ(dentry, d_name.name));
		if (size <= 1 || size >= CAPMON_STEP_LEN)
			return 0;
		used += size;
		dentry = parent;
	}
	return 0;
}

static __always_inline void fill_location(struct capmon_located_exec_record *record,
					  struct file *exe)
{
	record->device = 0;
	record->steps_len = 0;
	record->unused = 0;
	if (!exe)
		return;
	record->device = BPF_CORE_READ(exe, f_inode, i_sb, s_dev);
	record->steps_len = fill_steps(record->steps, BPF_CORE_READ(exe, f_path.dentry));
}
