/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* A return address as it is kept on a kernel's stack. Included by the BPF programs and by the daemon. */
#pragma once

/* arm64 kernels may sign those that they keep there, in the bits above an address. */
#if defined(__TARGET_ARCH_arm64) || defined(__aarch64__)
#define CAPMON_RETURN_ADDRESS(word) ((word) | 0xffffULL << 48)
#else
#define CAPMON_RETURN_ADDRESS(word) (word)
#endif
