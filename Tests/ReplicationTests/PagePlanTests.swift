import Testing

@testable import Replication

@Suite struct PagePlanTests {
    @Test(arguments: [
        (sizes: [], bytes: 10, count: 0), ([1], 10, 1), ([100], 10, 1), ([100, 1], 10, 1), ([5, 5, 5], 10, 2),
        ([4, 5, 6, 7], 10, 3), ([9, 100, 1], 10, 2), ([0, 0, 0], 10, 3), ([3, 3, 3], 100, 3),
    ]) func aPageEndsWithTheRecordThatFillsIt(_ plan: (sizes: [Int], bytes: Int, count: Int)) {
        #expect(PagePlan.count(plan.sizes, atMost: plan.bytes) == plan.count)
    }
}
