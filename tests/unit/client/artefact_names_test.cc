// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "client/render/artefact/names.h"

namespace capmon {
namespace {

TEST(Names, AreReducedToWhatTheToolsTake) {
  EXPECT_EQ(DnsLabel("web-1"), "web-1");
  EXPECT_EQ(DnsLabel("--Web_1..x\n"), "web-1-x");
  EXPECT_EQ(DnsLabel(""), "unnamed");
  EXPECT_EQ(DnsLabel("\xff\xfe"), "unnamed");
  EXPECT_EQ(DnsName("My.App"), "my.app");
  EXPECT_EQ(DnsName("..a-..-b."), "a.b");
  EXPECT_EQ(DnsName("..."), "unnamed");
  EXPECT_EQ(ServiceName("My.Service_1"), "My.Service_1");
  EXPECT_TRUE(IsLabelValue("Web.1_x"));
  for (const char* bad : {"", "-x", "x-", "a b", "a'b", "a--b\n"}) EXPECT_FALSE(IsLabelValue(bad));
  EXPECT_FALSE(IsLabelValue(std::string(64, 'a')));
}

TEST(Names, ThatAreCutStayDifferent) {
  const std::string same(70, 'a');
  const std::string one = DnsLabel(same + "1"), two = DnsLabel(same + "2");
  EXPECT_EQ(one.size(), 63u);
  EXPECT_NE(one, two);
  EXPECT_EQ(one, DnsLabel(same + "1"));
  EXPECT_EQ(DnsLabel(one), one);
  EXPECT_EQ(DnsLabel(std::string(63, 'a')), std::string(63, 'a'));
  EXPECT_EQ(DnsName(std::string(253, 'a')).size(), 253u);
  EXPECT_EQ(DnsName(std::string(254, 'a')).size(), 253u);
  EXPECT_EQ(ShortDnsName(std::string(53, 'a') + ".b.c.defghij").find(".-"), std::string::npos);
}

}  // namespace
}  // namespace capmon
