import StatorCore
import Testing

@testable import Replication

@Suite struct FoundingTests {
    /// A of A, B, C, ...: all others share ranges with it.
    private func founding(of members: Int, isPossible: Bool = true) -> Founding {
        var founding = Founding(isPossible: isPossible)
        founding.add(partners: (1..<members).map { NodeID(String(UnicodeScalar(UInt8(65 + $0)))) })
        return founding
    }

    private func expectOver(
        _ isOver: Bool, _ founding: inout Founding, reaching names: [String], _ comment: Comment? = nil,
        at place: SourceLocation = #_sourceLocation
    ) {
        let found = founding.isOver { node in names.contains { NodeID($0) == node } }
        #expect(found == isOver, comment, sourceLocation: place)
    }

    @Test(arguments: [(2, ["B"]), (3, ["B"]), (4, ["B", "C"]), (5, ["B", "C"])])
    func aMajorityFoundsWithoutTheOthers(_ members: Int, _ present: [String]) {
        var founding = founding(of: members)
        for name in present {
            expectOver(false, &founding, reaching: present, "\(name) was not heard")
            founding.hear(NodeID(name), folder: 5, isFounder: true, isAnswer: true)
        }
        expectOver(true, &founding, reaching: present)
        expectOver(true, &founding, reaching: [], "who was heard may go")
        expectOver(true, &founding, reaching: ["B", "C", "D", "E"], "who comes late is not waited for")
        founding.hear(NodeID("B"), folder: 5, isFounder: false, isAnswer: true)
        expectOver(true, &founding, reaching: [], "it is through, and has started again")
        founding.hear(NodeID("B"), folder: 6, isFounder: false, isAnswer: true)
        expectOver(false, &founding, reaching: [], "another folder may know better")
    }

    @Test func whoCanBeReachedIsHeardFirst() {
        var founding = founding(of: 5)
        founding.hear(NodeID("B"), folder: 5, isFounder: true, isAnswer: true)
        founding.hear(NodeID("C"), folder: 5, isFounder: true, isAnswer: true)
        expectOver(false, &founding, reaching: ["B", "C", "D"])
        founding.hear(NodeID("D"), folder: 5, isFounder: true, isAnswer: true)
        expectOver(true, &founding, reaching: ["B", "C", "D"])
    }

    @Test func oneThatWasThereBeforeEndsIt() {
        var founding = founding(of: 3)
        founding.hear(NodeID("B"), folder: 5, isFounder: true, isAnswer: true)
        founding.hear(NodeID("C"), folder: 5, isFounder: false, isAnswer: true)
        expectOver(false, &founding, reaching: ["B", "C"])
        #expect(!founding.mayInclude(NodeID("B")))
    }

    @Test func whoDoesNotShareRangesDoesNotCount() {
        var founding = founding(of: 3)
        founding.hear(NodeID("X"), folder: 5, isFounder: true, isAnswer: true)
        expectOver(false, &founding, reaching: [])
    }

    @Test func aFolderThatIsNotNewFoundsNothing() {
        var founding = founding(of: 3, isPossible: false)
        founding.hear(NodeID("B"), folder: 5, isFounder: true, isAnswer: true)
        expectOver(false, &founding, reaching: ["B"])
    }

    /// Starts again and again with one folder are one founder's; another folder is that of a node that was there before.
    @Test func aPeerIsKnownByItsFolder() {
        var founding = founding(of: 3)
        for _ in 0..<3 {
            founding.hear(NodeID("B"), folder: 5, isFounder: true, isAnswer: true)
            #expect(founding.mayInclude(NodeID("B")))
        }
        founding.hear(NodeID("B"), folder: 6, isFounder: true, isAnswer: true)
        founding.hear(NodeID("B"), folder: 5, isFounder: true, isAnswer: true)
        #expect(!founding.mayInclude(NodeID("B")))
        #expect(founding.mayInclude(NodeID("C")))
    }

    /// B asks first, is through as soon as A has answered, and has started again before A has asked: it says that it founds nothing.
    @Test func aPeerThatIsThroughBeforeItAnswersCounts() {
        var founding = founding(of: 3)
        founding.hear(NodeID("B"), folder: 5, isFounder: true, isAnswer: false)
        expectOver(false, &founding, reaching: ["B"], "it has not heard of A")
        founding.hear(NodeID("B"), folder: 5, isFounder: false, isAnswer: true)
        expectOver(true, &founding, reaching: ["B"])
    }
}
