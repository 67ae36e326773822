// SPDX-License-Identifier: Apache-2.0
#include "daemon/model/workload.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace capmon {
namespace {

using Kind = Workload::Kind;

constexpr std::pair<Kind, const char*> kSchemes[] = {
    {Kind::kCompose, "compose"}, {Kind::kSwarm, "swarm"}, {Kind::kLabel, "label"},
    {Kind::kImage, "image"},     {Kind::kUnit, "unit"},   {Kind::kRun, "run"},
};
constexpr std::string_view kHost = "host";
constexpr std::string_view kHexadecimal = "0123456789abcdef";

// Writes `%`, blanks, control characters and those in `special` as %2f.
std::string Encode(std::string_view raw, std::string_view special) {
  std::string text;
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte != 0x7f && c != '%' && special.find(c) == special.npos) {
      text += c;
    } else {
      text += '%';
      text += kHexadecimal[byte >> 4];
      text += kHexadecimal[byte & 15];
    }
  }
  return text;
}

// Text that is not well-formed stays unchanged, and Print() then gives another text.
std::string Decode(std::string_view text) {
  std::string raw;
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t high = i + 2 < text.size() ? kHexadecimal.find(text[i + 1]) : text.npos;
    const size_t low = i + 2 < text.size() ? kHexadecimal.find(text[i + 2]) : text.npos;
    if (text[i] != '%' || high == text.npos || low == text.npos) {
      raw += text[i];
      continue;
    }
    raw += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return raw;
}

std::string PrintOwn(const Workload& w) {
  for (const auto& [kind, scheme] : kSchemes) {
    if (kind != w.kind) continue;
    if (kind == Kind::kCompose)
      return absl::StrCat(scheme, ":", Encode(w.group, "/"), "/", Encode(w.name, "/"));
    if (kind != Kind::kImage) return absl::StrCat(scheme, ":", Encode(w.name, ""));
    return absl::StrCat(scheme, ":", Encode(w.name, "+"), w.part.empty() ? "" : "+",
                        Encode(w.part, ""));
  }
  if (w.kind == Kind::kHost) return std::string(kHost);
  if (w.kind == Kind::kNamed) return absl::StrCat(Encode(w.group, ":/~"), ":", Encode(w.name, ""));
  return absl::StrCat(Encode(w.group, ":/~"), "/", Encode(w.controller, "/"), "/",
                      Encode(w.name, "/"), "/", Encode(w.part, "/"));
}

Workload ParseScheme(Kind kind, std::string_view rest) {
  Workload w;
  w.kind = kind;
  const size_t cut = rest.find(kind == Kind::kCompose ? '/' : '+');
  if (kind == Kind::kCompose && cut != rest.npos) {
    w.group = Decode(rest.substr(0, cut));
    w.name = Decode(rest.substr(cut + 1));
  } else if (kind == Kind::kImage && cut != rest.npos) {
    w.name = Decode(rest.substr(0, cut));
    w.part = Decode(rest.substr(cut + 1));
  } else {
    w.name = Decode(rest);
  }
  return w;
}

std::optional<Workload> ParseOwn(std::string_view text) {
  Workload w;
  if (text == kHost) return w;
  const size_t colon = text.find(':');
  if (colon < text.find('/') && colon > 0) {
    const std::string_view scheme = text.substr(0, colon);
    const std::string_view rest = text.substr(colon + 1);
    for (const auto& [kind, name] : kSchemes)
      if (name == scheme) return ParseScheme(kind, rest);
    w.kind = Kind::kNamed;
    w.group = Decode(scheme);
    w.name = Decode(rest);
    return w;
  }
  const std::vector<std::string> parts = absl::StrSplit(std::string(text), '/');
  if (parts.size() != 4) return std::nullopt;
  w.kind = Kind::kPod;
  w.group = Decode(parts[0]);
  w.controller = Decode(parts[1]);
  w.name = Decode(parts[2]);
  w.part = Decode(parts[3]);
  return w;
}

}  // namespace

std::string OwnerOfEngine(std::string_view socket) {
  if (socket.starts_with('/')) socket.remove_prefix(1);
  std::string owner(socket);
  std::ranges::replace(owner, '/', '-');
  return owner;
}

std::string Print(const Workload& workload) {
  if (workload.owner.empty()) return PrintOwn(workload);
  return absl::StrCat("~", Encode(workload.owner, "/"), "/", PrintOwn(workload));
}

std::optional<Workload> ParseWorkload(std::string_view text) {
  std::string_view own = text;
  std::string owner;
  if (text.starts_with("~")) {
    const size_t slash = text.find('/');
    if (slash == text.npos) return std::nullopt;
    owner = Decode(text.substr(1, slash - 1));
    own = text.substr(slash + 1);
  }
  std::optional<Workload> workload = ParseOwn(own);
  if (!workload) return std::nullopt;
  workload->owner = std::move(owner);
  if (workload->name.empty() && workload->kind != Kind::kHost) return std::nullopt;
  if (Print(*workload) != text) return std::nullopt;
  return workload;
}

}  // namespace capmon
