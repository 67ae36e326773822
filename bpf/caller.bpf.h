/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* Which kernel function asked: the first return address above cap_capable()'s wrappers. */
#pragma once

#include "maps.bpf.h"

#define WINDOW_WORDS 24
#define MAX_WRAPPERS 4 /* security_capable, capable and the like, and then who asked */

/* The entry an address would have; it is there only if the address matches. */
static __always_inline const struct capmon_frame *frame_slot(__u64 address)
{
	__u32 slot = CAPMON_FRAME_SLOT(address, settings.layout.multiplier);

	return &frames[slot & (CAPMON_FRAME_SLOTS - 1)];
}

/* 0 when the slots cannot be trusted right now; first sight then has the unwound stack. */
static __always_inline __u64 asking_site(const void *base, bool *quiet)
{
	__u64 window[WINDOW_WORDS];
	__u32 first = settings.layout.anchor_offset;
	__u64 address = 0;
	__u32 slot;
	int i;

	if (!settings.layout.known || bpf_probe_read_kernel(window, sizeof(window), base + first))
		return 0;
	if (settings.layout.anchor && window[0] != settings.layout.anchor)
		return 0;
	slot = (settings.layout.caller_offset - first) / 8;
#pragma unroll
	for (i = 0; i < MAX_WRAPPERS; i++) {
		const struct capmon_frame *frame;

		if (slot >= WINDOW_WORDS)
			return 0;
		address = window[slot];
		frame = frame_slot(address);
		if (frame->address != address)
			break;
		if (frame->flags & CAPMON_FRAME_QUIET) {
			*quiet = true;
			break;
		}
		slot += frame->size / 8;
	}
	return address;
}
