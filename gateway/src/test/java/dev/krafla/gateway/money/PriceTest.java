package dev.krafla.gateway.money;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PriceTest {
  private static final Instant MAY = Instant.parse("2026-05-01T00:00:00Z");
  private static final Instant JUNE = Instant.parse("2026-06-01T00:00:00Z");

  @Test
  void aDollarPerMillionIsAThousandNanodollarsAToken() {
    assertThat(Price.perMillion("1", "0.1", "4").of(10, 0, 0)).isEqualTo(10_000);
    assertThat(Price.perMillion("1", "0.1", "4").of(10, 6, 5)).isEqualTo(4_000 + 600 + 20_000);
  }

  @Test
  void aRequestIsRoundedUpOnceAndNotPerKindOfToken() {
    // 0.0003 $ per million is 0.3 nanodollars a token: 0.3 + 0.3 + 0.3 is below one.
    assertThat(Price.perMillion("0.0003", "0.0003", "0.0003").of(2, 1, 1)).isEqualTo(1);
  }

  @Test
  void costsEqualExactArithmeticRoundedUp() {
    var random = new SplittableRandom(7);
    for (int i = 0; i < 10_000; i++) {
      var price =
          new Price(
              random.nextLong(1L << 40), random.nextLong(1L << 40), random.nextLong(1L << 40), 0);
      long prompt = random.nextLong(1 << 20);
      long cached = random.nextLong(prompt + 1);
      long completion = random.nextLong(1 << 20);
      BigInteger exact =
          BigInteger.valueOf(prompt - cached)
              .multiply(BigInteger.valueOf(price.input()))
              .add(BigInteger.valueOf(cached).multiply(BigInteger.valueOf(price.cachedInput())))
              .add(BigInteger.valueOf(completion).multiply(BigInteger.valueOf(price.output())));
      long rounded =
          new BigDecimal(exact).movePointLeft(6).setScale(0, RoundingMode.CEILING).longValueExact();

      assertThat(price.of(prompt, cached, completion)).isEqualTo(rounded);
      assertThat(price.most(prompt, completion)).isGreaterThanOrEqualTo(rounded);
    }
  }

  @Test
  void whatALedgerCannotCountIsAnErrorAndNotAWrongNumber() {
    assertThatThrownBy(() -> new Price(Long.MAX_VALUE, 0, 0, 0).of(2, 0, 0))
        .isInstanceOf(ArithmeticException.class);
    assertThatIllegalArgumentException().isThrownBy(() -> Price.FREE.of(1, 2, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Price(-1, 0, 0, 0));
  }

  @Test
  void dollarsAreReadAndWrittenExactly() {
    assertThat(Nanodollars.of(new BigDecimal("12.345678901"))).isEqualTo(12_345_678_901L);
    assertThat(Nanodollars.text(12_500_000_000L)).isEqualTo("$12.5");
    assertThat(Nanodollars.text(100 * Nanodollars.DOLLAR)).isEqualTo("$100");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Nanodollars.of(new BigDecimal("0.0000000001")))
        .withMessageContaining("9 decimals");
    assertThatIllegalArgumentException().isThrownBy(() -> Nanodollars.of(new BigDecimal("-1")));
    assertThatIllegalArgumentException().isThrownBy(() -> Nanodollars.of(new BigDecimal("1e30")));
  }

  @Test
  void theOldPriceHoldsUntilTheNewOneBegins() {
    Price old = Price.perMillion("1", "1", "1");
    Price now = Price.perMillion("2", "2", "2");
    var table =
        new PriceTable(
            List.of(
                new PriceTable.Entry("openai", "gpt", JUNE, now),
                new PriceTable.Entry("openai", "gpt", MAY, old),
                new PriceTable.Entry("openai", PriceTable.ANY_MODEL, MAY, Price.FREE)));

    assertThat(table.at("openai", "gpt", MAY.minusMillis(1))).isEmpty();
    assertThat(table.at("openai", "gpt", JUNE.minusMillis(1))).contains(old);
    assertThat(table.at("openai", "gpt", JUNE)).contains(now);
    assertThat(table.at("openai", "other", JUNE)).contains(Price.FREE);
    assertThat(table.at("elsewhere", "gpt", JUNE)).isEmpty();
  }
}
