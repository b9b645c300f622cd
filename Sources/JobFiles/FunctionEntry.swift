import BackfillCore

/// A function of `target.milvus.create` with the section that describes it, for checks against the fields.
struct FunctionEntry {
    let function: CollectionDefinition.Function
    let section: Section<JobFileKeys.Function>
}

extension Form<FunctionEntry> {
    /// An item of `target.milvus.create.functions`
    static var function: Self {
        .section { (function: Section<JobFileKeys.Function>, _) in
            let kind: CollectionDefinition.Function.Kind? = function.require(.type, .choice)
            return FunctionEntry(
                function: CollectionDefinition.Function(
                    name: function.require(.name, .text) ?? "", kind: kind ?? .bm25,
                    inputs: function.require(.inputs, .oneOrMore(.text)) ?? [],
                    outputs: function.require(.outputs, .oneOrMore(.text)) ?? [],
                    parameters: function.value(.params, .parameters) ?? []),
                section: function)
        }
    }
}
