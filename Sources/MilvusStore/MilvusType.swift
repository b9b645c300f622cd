import BackfillCore

/// How a field type travels: its number in `DataType`, its slot in `ScalarField` or `VectorField`, and the form of its
/// values there.
struct MilvusType {
    enum Values {
        /// Packed floats or doubles.
        case fixed
        /// Packed integers.
        case varints
        /// One length-delimited entry a row.
        case texts
        /// One `ScalarField` a row.
        case arrays
        /// The bytes of all rows in one entry.
        case packed
    }

    let number: Int
    let slot: Int
    let values: Values

    init(_ type: FieldType) {
        switch type {
        case .bool: self.init(.bool, slot: 1, .varints)
        case .int8: self.init(.int8, slot: 2, .varints)
        case .int16: self.init(.int16, slot: 2, .varints)
        case .int32: self.init(.int32, slot: 2, .varints)
        case .int64: self.init(.int64, slot: 3, .varints)
        case .float: self.init(.float, slot: 4, .fixed)
        case .double: self.init(.double, slot: 5, .fixed)
        case .varChar: self.init(.varChar, slot: 6, .texts)
        case .timestamptz: self.init(.timestamptz, slot: 6, .texts)
        case .array: self.init(.array, slot: 8, .arrays)
        case .json: self.init(.json, slot: 9, .texts)
        case .geometry: self.init(.geometry, slot: 12, .texts)
        case .vector(.float, _): self.init(.floatVector, slot: 2, .fixed)
        case .vector(.binary, _): self.init(.binaryVector, slot: 3, .packed)
        case .vector(.float16, _): self.init(.float16Vector, slot: 4, .packed)
        case .vector(.bfloat16, _): self.init(.bfloat16Vector, slot: 5, .packed)
        case .sparseFloatVector: self.init(.sparseFloatVector, slot: 6, .texts)
        case .vector(.int8, _): self.init(.int8Vector, slot: 7, .packed)
        case .unsupported(let name): preconditionFailure("A plan refuses fields of type \(name).")
        }
    }

    private init(_ type: Milvus_Proto_Schema_DataType, slot: Int, _ values: Values) {
        self.number = type.rawValue
        self.slot = slot
        self.values = values
    }
}
