// SPDX-License-Identifier: Apache-2.0
// Names and sets of Linux capabilities. Numbers are the kernel's (linux/capability.h); names come
// from libcap. A capability newer than this source has its number as a name: "CAP_63".
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace capmon {

using Capability = uint8_t;
inline constexpr int kMaxCapabilities = 64;  // width of the kernel's sets

// "CAP_NET_RAW". For an unnamed number: "CAP_63".
std::string CapabilityName(Capability capability);
// "NET_RAW": as Kubernetes and the tables write it.
std::string ShortCapabilityName(Capability capability);
// Accepts "CAP_NET_RAW", "net_raw" and "13", in any case; nothing else.
std::optional<Capability> ParseCapability(std::string_view text);
// The number of capabilities of the running kernel (41 since Linux 5.9).
int KernelCapabilityCount();

// A value: 64 bits, one per capability, iterated in numeric order.
class CapabilitySet {
 public:
  constexpr CapabilitySet() = default;
  constexpr explicit CapabilitySet(uint64_t bits) : bits_(bits) {}
  constexpr CapabilitySet(std::initializer_list<Capability> members) {
    for (Capability member : members) Add(member);
  }

  constexpr uint64_t bits() const { return bits_; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr int size() const { return __builtin_popcountll(bits_); }
  constexpr bool Has(Capability c) const { return c < kMaxCapabilities && (bits_ >> c & 1); }
  constexpr void Add(Capability c) {
    if (c < kMaxCapabilities) bits_ |= uint64_t{1} << c;
  }
  constexpr void Remove(Capability c) {
    if (c < kMaxCapabilities) bits_ &= ~(uint64_t{1} << c);
  }
  std::vector<Capability> members() const;

  friend constexpr bool operator==(CapabilitySet, CapabilitySet) = default;
  friend constexpr CapabilitySet operator|(CapabilitySet a, CapabilitySet b) {
    return CapabilitySet(a.bits_ | b.bits_);
  }
  friend constexpr CapabilitySet operator&(CapabilitySet a, CapabilitySet b) {
    return CapabilitySet(a.bits_ & b.bits_);
  }
  friend constexpr CapabilitySet operator-(CapabilitySet a, CapabilitySet b) {
    return CapabilitySet(a.bits_ & ~b.bits_);
  }

 private:
  uint64_t bits_ = 0;
};

// Every capability the running kernel knows.
CapabilitySet AllCapabilities();

}  // namespace capmon
