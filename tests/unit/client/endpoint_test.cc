// SPDX-License-Identifier: Apache-2.0
// Where capmond is: named addresses, and what comes before what.
#include "client/rpc/endpoint.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

constexpr char kFile[] =
    "# mine\n"
    "current: local\n"
    "contexts:\n"
    "  local: {address: ~/capmon.sock}\n"
    "  node2:\n"
    "    address: node2.example:7443\n"
    "    tls-ca: certs/ca.pem\n"
    "    tls-cert: ~/me.pem\n"
    "    tls-key: /etc/me.key\n";

ClientConfig Parsed(const std::string& text) {
  auto config = ParseClientConfig("/c/config.yaml", text, "/home/me");
  EXPECT_TRUE(config.ok()) << config.status();
  return config.ok() ? *config : ClientConfig();
}

std::string Fault(const std::string& text) {
  const auto config = ParseClientConfig("/c/config.yaml", text, "/home/me");
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument) << text;
  return std::string(config.status().message());
}

TEST(ClientConfigTest, PathsAreRelativeToTheFile) {
  const ClientConfig config = Parsed(kFile);
  EXPECT_EQ(config.current, "local");
  EXPECT_EQ(config.contexts.at("local").address, "/home/me/capmon.sock");
  const Endpoint& node = config.contexts.at("node2");
  EXPECT_EQ(node.address, "node2.example:7443");
  EXPECT_EQ(node.tls.ca, "/c/certs/ca.pem");
  EXPECT_EQ(node.tls.certificate, "/home/me/me.pem");
  EXPECT_EQ(node.tls.key, "/etc/me.key");
  EXPECT_TRUE(Parsed("").contexts.empty());
  EXPECT_TRUE(Parsed("contexts:\n").contexts.empty());
}

TEST(ClientConfigTest, FaultsHaveFileLineAndKey) {
  EXPECT_EQ(
      Fault("contexts:\n  a: {adress: /x}\n"),
      "/c/config.yaml:2: the context \"a\" has no key \"adress\"; the nearest is \"address\"; "
      "there are address, tls-ca, tls-cert, tls-key");
  EXPECT_EQ(Fault("context: {}\n"),
            "/c/config.yaml:1: the file has no key \"context\"; the nearest is \"contexts\"; there "
            "are contexts, current");
  EXPECT_EQ(Fault("\ncurrent: b\n"), "/c/config.yaml:2: current: there is no context \"b\"");
  EXPECT_EQ(Fault("contexts:\n  a:\n"),
            "/c/config.yaml:2: the context \"a\" has no address; write address: HOST:PORT");
  EXPECT_EQ(Fault("contexts:\n  a: {tls-ca: x}\n"),
            "/c/config.yaml:2: the context \"a\" has no address");
  EXPECT_EQ(Fault("current: [a]\n"), "/c/config.yaml:1: current takes a text");
  EXPECT_EQ(Fault("contexts:\n  a: {address: relative}\n").rfind("/c/config.yaml:2: address: ", 0),
            0u);
  EXPECT_EQ(
      Fault("contexts:\n  a: {address: 'host:port'}\n").rfind("/c/config.yaml:2: address: ", 0),
      0u);
  for (const char* text : {"[", "- a\n", "a: &x 1\nb: *x\n", "a: 1\n---\nb: 1\n", "contexts: 3\n"})
    EXPECT_EQ(Fault(text).rfind("/c/config.yaml:", 0), 0u) << text;
}

EndpointOptions Named(const std::string& context) {
  EndpointOptions given;
  given.context = context;
  return given;
}

EndpointOptions At(const std::string& address) {
  EndpointOptions given;
  given.address = address;
  return given;
}

class EndpointTest : public testing::Test {
 protected:
  EndpointTest() {
    std::string text = kFile;
    EXPECT_TRUE(WriteFile(directory_ / "config.yaml", text));
    variables_ = {{"CAPMON_CONFIG", directory_ / "config.yaml"}, {"HOME", "/home/me"}};
  }
  absl::StatusOr<Endpoint> Find(const EndpointOptions& given = {}) const {
    return FindEndpoint(given, [this](const char* name) {
      const auto found = variables_.find(name);
      return found == variables_.end() ? "" : found->second;
    });
  }
  std::string Address(const EndpointOptions& given = {}) const {
    const auto found = Find(given);
    return found.ok() ? found->address : std::string(found.status().message());
  }

  TempDir directory_;
  std::map<std::string, std::string> variables_;
};

TEST_F(EndpointTest, WhatComesFirst) {
  EXPECT_EQ(Address(), "/home/me/capmon.sock") << "the current one";
  variables_["CAPMON_CONTEXT"] = "node2";
  EXPECT_EQ(Address(), "node2.example:7443");
  variables_["CAPMON_ADDRESS"] = "/run/x.sock";
  EXPECT_EQ(Address(), "/run/x.sock");
  EXPECT_EQ(Address(Named("local")), "/home/me/capmon.sock");
  EXPECT_EQ(Address(At("/y.sock")), "/y.sock");
  variables_.erase("CAPMON_CONFIG");
  variables_["XDG_CONFIG_HOME"] = directory_.path();
  EXPECT_NE(Address(Named("local")).find("does not exist"), std::string::npos);
  variables_.clear();
  EXPECT_EQ(Address(), kDefaultAddress) << "no file, no home";
}

TEST_F(EndpointTest, AnAddressNeedsNoFile) {
  ASSERT_TRUE(WriteFile(directory_ / "config.yaml", "["));
  EXPECT_EQ(Find().status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Address(At("/y.sock")), "/y.sock");
  variables_["CAPMON_ADDRESS"] = "/run/x.sock";
  EXPECT_EQ(Address(), "/run/x.sock");
}

TEST_F(EndpointTest, EachFileOfTlsByItself) {
  variables_["CAPMON_TLS_CA"] = "/env/ca";
  variables_["CAPMON_TLS_KEY"] = "/env/key";
  EndpointOptions given = Named("node2");
  given.tls.key = "/given/key";
  const auto found = Find(given);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->tls.ca, directory_ / "certs/ca.pem");
  EXPECT_EQ(found->tls.certificate, "/home/me/me.pem");
  EXPECT_EQ(found->tls.key, "/given/key");
  EXPECT_EQ(Find(Named("local"))->tls.key, "/env/key");
  EXPECT_EQ(Find(At("h:1"))->tls.certificate, "") << "of no context";
}

TEST_F(EndpointTest, UnknownContextsNameTheOnesThereAre) {
  EXPECT_NE(Address(Named("nod2")).find("the nearest is \"node2\"; there are: local, node2"),
            std::string::npos);
  variables_["CAPMON_CONFIG"] = "/nonexistent/config.yaml";
  EXPECT_NE(Address().find("$CAPMON_CONFIG names it"), std::string::npos);
}

TEST(WithCurrentTest, ChangesOneLine) {
  const auto changed = [](const std::string& text, const std::string& name) {
    const auto result = WithCurrent(Parsed(text), name, "/home/me");
    return result.ok() ? *result : "no: " + std::string(result.status().message());
  };
  std::string expected = kFile;
  expected.replace(expected.find("current: local"), 14, "current: \"node2\"");
  EXPECT_EQ(changed(kFile, "node2"), expected);
  EXPECT_EQ(changed("contexts: {a: {address: /x}}", "a"),
            "contexts: {a: {address: /x}}\ncurrent: \"a\"\n");
  EXPECT_NE(changed("{contexts: {a: {address: /x}}}\n", "a").find("edit it yourself"),
            std::string::npos);
  EXPECT_NE(changed(kFile, "nothing").find("there is no context"), std::string::npos);
}

}  // namespace
}  // namespace capmon
