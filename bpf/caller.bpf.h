/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* Which kernel function asked: the first return address above cap_capable()'s wrappers. */
#pragma once

#include "return_address.h"
#include "task.bpf.h"

#define MAX_WRAPPERS 4 /* security_capable, capable and the like, and then the call site */

/* The entry an address would have; it is there only if the address matches. */
static __always_inline const struct capmon_frame *frame_slot(__u64 address)
{
	__u32 slot = CAPMON_FRAME_SLOT(address, settings.layout.multiplier);

	return &frames[slot & (CAPMON_FRAME_SLOTS - 1)];
}

/*
 * 0 when the slots cannot be trusted right now; first sight then has the unwound stack. `caller`: the
 * first return address where the hook has it; else 0.
 */
static __always_inline __u64 asking_site(const void *base, __u64 caller, bool *quiet)
{
	const void *slot = base + settings.layout.caller_offset;
	__u64 address = 0;
	int i;

	if (!settings.layout.known)
		return 0;
	if (settings.layout.anchor &&
	    read_word(base + settings.layout.anchor_offset) != settings.layout.anchor)
		return 0;
#pragma unroll
	for (i = 0; i < MAX_WRAPPERS; i++) {
		const struct capmon_frame *frame;

		address = caller && i == 0 ? caller : CAPMON_RETURN_ADDRESS(read_word(slot));
		frame = frame_slot(address);
		if (frame->address != address)
			break;
		if (frame->flags & CAPMON_FRAME_QUIET) {
			*quiet = true;
			break;
		}
		slot += frame->size & 0xff;
	}
	return address;
}
