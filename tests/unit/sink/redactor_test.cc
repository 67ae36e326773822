// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/redactor.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "absl/strings/escaping.h"
#include "daemon/sink/http_answer.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

constexpr char kSecret[] = "hunter2/a\"b&c+d";

Redactor ForTarget(decltype(SinkSettings::target) target) {
  SinkSettings settings;
  settings.target = std::move(target);
  Redactor redactor(settings);
  redactor.Learn();
  return redactor;
}

class RedactorTest : public testing::Test {
 protected:
  RedactorTest() {
    setenv("CAPMON_TEST_TOKEN", kSecret, 1);
    setenv("CAPMON_TEST_URL", "https://u:pass-word@hooks.example/services/T00000000/XXXXXXXXXX?q=1",
           1);
  }
};

TEST_F(RedactorTest, RemovesASecretInTheFormsOfReceivers) {
  const Redactor redactor = ForTarget(HttpTarget{.token = {"env:CAPMON_TEST_TOKEN"}});
  EXPECT_EQ(redactor.Shown(std::string("bad: ") + kSecret + "."), "bad: [secret].");
  EXPECT_EQ(redactor.Shown(R"({"token":"hunter2/a\"b&c+d"})"), R"({"token":"[secret]"})");
  EXPECT_EQ(redactor.Shown("hunter2%2Fa%22b%26c%2Bd"), "[secret]");
  EXPECT_EQ(redactor.Shown("<p>hunter2/a&quot;b&amp;c+d</p>"), "<p>[secret]</p>");
  EXPECT_EQ(redactor.Shown(absl::Base64Escape(kSecret)), "[secret]");
  EXPECT_EQ(redactor.Shown("nothing of it"), "nothing of it");
}

TEST_F(RedactorTest, EveryKindOfTargetHasItsSecrets) {
  const auto shown = [](decltype(SinkSettings::target) target, const std::string& text) {
    return ForTarget(std::move(target)).Shown(text);
  };
  EXPECT_EQ(shown(OtlpTarget{.token = {"env:CAPMON_TEST_TOKEN"}}, kSecret), "[secret]");
  EXPECT_EQ(shown(KafkaTarget{.password = {"env:CAPMON_TEST_TOKEN"}}, kSecret), "[secret]");
  const HttpTarget basic{.password = {"env:CAPMON_TEST_TOKEN"}, .user = "me"};
  EXPECT_EQ(shown(basic, kSecret), "[secret]");
  EXPECT_EQ(shown(basic, "Basic " + absl::Base64Escape(std::string("me:") + kSecret)),
            "Basic [secret]");
  const HttpTarget hook{.url = "env:CAPMON_TEST_URL"};
  EXPECT_EQ(shown(hook, "no /services/T00000000/XXXXXXXXXX here").find("XXXX"), std::string::npos);
  EXPECT_EQ(shown(hook, "no hook XXXXXXXXXX"), "no hook [secret]");
  EXPECT_EQ(shown(hook, "user u, password pass-word"), "user u, password [secret]");
  EXPECT_EQ(shown(HttpTarget{.url = "https://siem/x?channel=c&sig=0123456789"},
                  "GET /x?channel=c&sig=0123456789, 0123456789"),
            "GET /x?[secret], [secret]");
}

TEST_F(RedactorTest, ASecretThatIsCutOffIsRemoved) {
  const Redactor redactor = ForTarget(HttpTarget{.token = {"env:CAPMON_TEST_TOKEN"}});
  EXPECT_EQ(redactor.Shown("you sent hunter2/"), "you sent [secret]");
  // The text that is shown ends within the secret.
  const std::string far = std::string(395, 'x') + kSecret;
  EXPECT_EQ(redactor.Shown(far).find("hunt"), std::string::npos);
  const absl::Status answer = MeaningOf(HttpTarget::Preset::kPlain, 500, far);
  EXPECT_EQ(redactor.Shown(std::string(answer.message())).find("hunt"), std::string::npos);
}

TEST_F(RedactorTest, RemembersASecretThatChangesDuringARequest) {
  const TempDir directory;
  SinkSettings settings;
  settings.target = OtlpTarget{.token = {"file:" + directory / "token"}};
  Redactor redactor(settings);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(WriteFile(directory / "token", "token-number-" + std::to_string(i)));
    redactor.Learn();
  }
  EXPECT_EQ(redactor.Shown("token-number-98 token-number-99"), "[secret] [secret]");
}

}  // namespace
}  // namespace capmon
