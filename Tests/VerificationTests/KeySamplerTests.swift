import BackfillCore
import TestSupport
import Testing
import Verification

struct KeySamplerTests {
    @Test func fewKeysAreAllDrawn() {
        var sampler = KeySampler<Int>(seed: 1, capacity: 100)
        for number in 0..<1000 { sampler.draw(.integer(Int64(number % 100)), initially: 0) { $0 = number } }
        #expect(sampler.isWhole && sampler.values.count == 100 && sampler.estimatedKeys == 100)
        #expect(sampler.values[.integer(7)] == 907)
    }

    /// Keys that follow one another, and with records in very unlike numbers, are drawn alike.
    @Test(arguments: [1, 2, 3] as [UInt64]) func everyKeyIsDrawnWithTheSameChance(seed: UInt64) {
        var sampler = KeySampler<Void>(seed: seed, capacity: 2000)
        for key in 0..<40_000 {
            for _ in 0..<(key % 10 == 0 ? 20 : 1) { sampler.draw(.integer(Int64(key)), initially: ()) }
        }
        let drawn = sampler.values.keys.map { key in if case .integer(let value) = key { Int(value) } else { -1 } }
        #expect((1000...2000).contains(drawn.count), "seed \(seed)")
        #expect(abs(sampler.estimatedKeys - 40_000) < 6000, "seed \(seed): about \(sampler.estimatedKeys) keys")
        // Chi square over ten groups, twice: its 99.99 % quantile with nine degrees of freedom is 33.7.
        for group in [{ $0 % 10 }, { $0 / 4000 }] as [(Int) -> Int] {
            let expected = Double(drawn.count) / 10
            let counts = drawn.reduce(into: [Int](repeating: 0, count: 10)) { $0[group($1)] += 1 }
            let chi = counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
            #expect(chi < 33.7, "seed \(seed): \(counts)")
        }
    }

    @Test func theSampleIsThatOfTheLastThresholdWhateverTheOrder() {
        var random = SeededGenerator(seed: 5)
        let keys = (0..<20_000).map { PrimaryKey.text(Array("key \($0)".utf8)) }
        var sampler = KeySampler<Void>(seed: 9, capacity: 500)
        for key in keys.shuffled(using: &random) { sampler.draw(key, initially: ()) }
        #expect(Set(sampler.values.keys) == Set(keys.filter(sampler.draws)))
        #expect(sampler.values.count > 200)
    }

    @Test func anotherSeedDrawsOtherKeys() {
        var samples = [KeySampler<Void>(seed: 1, capacity: 100), KeySampler<Void>(seed: 2, capacity: 100)]
        for key in 0..<10_000 {
            for index in samples.indices { samples[index].draw(.integer(Int64(key)), initially: ()) }
        }
        let common = Set(samples[0].values.keys).intersection(samples[1].values.keys)
        #expect(common.count < 20)
    }
}
