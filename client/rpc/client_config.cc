// SPDX-License-Identifier: Apache-2.0
// Reads the user's file of named addresses; see endpoint.h.
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/nearest.h"
#include "client/base/quoted.h"
#include "client/rpc/endpoint.h"
#include "common/tcp_address.h"
#include "common/yaml/yaml_reader.h"

namespace capmon {
namespace {

constexpr YamlLimits kConfigLimits = {
    .bytes = 1 << 20, .nodes = 20'000, .documents = 1, .depth = 8, .aliases = false};

class ConfigReader {
 public:
  ConfigReader(std::string path, std::string home)
      : path_(std::move(path)), home_(std::move(home)) {
    config_.path = path_;
  }

  absl::StatusOr<ClientConfig> Read(const std::string& text) {
    const YamlStream stream = ReadYaml(text, kConfigLimits);
    if (stream.fault) return Fault(stream.fault->place, stream.fault->what);
    config_.text = text;
    if (!stream.documents.empty() && !stream.documents[0].is_null())
      if (absl::Status read = ReadTop(stream.documents[0]); !read.ok()) return read;
    return config_;
  }

 private:
  absl::Status Fault(TextPlace place, std::string_view what) const {
    return absl::InvalidArgumentError(
        absl::StrCat(path_, ":", place.line, ": ", std::string(what)));
  }
  absl::Status UnknownKey(const YamlMember& member, const std::string& where,
                          const std::vector<std::string>& keys) const {
    return Fault(member.place, absl::StrCat(where, " has no key ", Quoted(member.key),
                                            NearestHint(member.key, keys), "; there are ",
                                            absl::StrJoin(keys, ", ")));
  }
  absl::Status ReadText(const YamlMember& member, std::string& into) const {
    if (!member.value.is_text() || member.value.text.empty())
      return Fault(member.place, absl::StrCat(member.key, " takes a text"));
    into = member.value.text;
    return absl::OkStatus();
  }

  absl::Status ReadTop(const YamlValue& top) {
    if (!top.is_map()) return Fault(top.place, "write keys: contexts, current");
    for (const YamlMember& member : top.members) {
      absl::Status read = member.key == "current" ? ReadText(member, config_.current)
                          : member.key == "contexts"
                              ? ReadContexts(member)
                              : UnknownKey(member, "the file", {"contexts", "current"});
      if (!read.ok()) return read;
    }
    if (!config_.current.empty() && !config_.contexts.contains(config_.current))
      return Fault(top.Find("current")->place,
                   absl::StrCat("current: there is no context ", Quoted(config_.current)));
    return absl::OkStatus();
  }

  absl::Status ReadContexts(const YamlMember& contexts) {
    if (contexts.value.is_null()) return absl::OkStatus();
    if (!contexts.value.is_map())
      return Fault(contexts.place, "contexts takes names, each with its address");
    for (const YamlMember& member : contexts.value.members)
      if (absl::Status read = ReadContext(member); !read.ok()) return read;
    return absl::OkStatus();
  }

  absl::Status ReadContext(const YamlMember& context) {
    const std::string where = absl::StrCat("the context ", Quoted(context.key));
    if (context.key.empty()) return Fault(context.place, "a context has no name");
    if (!context.value.is_map())
      return Fault(context.place, absl::StrCat(where, " has no address; write address: HOST:PORT"));
    Endpoint endpoint;
    endpoint.address.clear();
    const std::pair<const char*, std::string*> files[] = {{"tls-ca", &endpoint.tls.ca},
                                                          {"tls-cert", &endpoint.tls.certificate},
                                                          {"tls-key", &endpoint.tls.key}};
    for (const YamlMember& member : context.value.members) {
      std::string* into = member.key == "address" ? &endpoint.address : nullptr;
      for (const auto& [key, file] : files)
        if (member.key == key) into = file;
      if (into == nullptr)
        return UnknownKey(member, where, {"address", "tls-ca", "tls-cert", "tls-key"});
      if (absl::Status read = ReadText(member, *into); !read.ok()) return read;
      if (into != &endpoint.address) *into = Placed(*into);
      if (into == &endpoint.address)
        if (absl::Status read = CheckAddress(member, *into); !read.ok()) return read;
    }
    if (endpoint.address.empty())
      return Fault(context.place, absl::StrCat(where, " has no address"));
    config_.contexts[context.key] = std::move(endpoint);
    return absl::OkStatus();
  }

  // A path of a socket may be relative as well.
  absl::Status CheckAddress(const YamlMember& member, std::string& address) const {
    if (address.starts_with("~/") || address.starts_with("./") || address.starts_with("../"))
      address = Placed(address);
    const absl::Status fits =
        LooksLikeTcp(address) ? ParseTcpAddress(address).status() : SocketPath(address).status();
    return fits.ok() ? fits
                     : Fault(member.place, absl::StrCat("address: ", std::string(fits.message())));
  }

  std::string Placed(const std::string& file) const {
    namespace fs = std::filesystem;
    if (file.starts_with("~/") && !home_.empty()) return absl::StrCat(home_, file.substr(1));
    return (fs::path(path_).parent_path() / file).lexically_normal();
  }

  const std::string path_, home_;
  ClientConfig config_;
};

}  // namespace

absl::StatusOr<ClientConfig> ParseClientConfig(const std::string& path, const std::string& text,
                                               const std::string& home) {
  return ConfigReader(path, home).Read(text);
}

}  // namespace capmon
