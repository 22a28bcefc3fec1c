"""The SQL of the synthetic logs.

Whatever is random is a hash of the dossier, a word and the seed: any row can be made at any time and is the same.
"""

from __future__ import annotations

from ingestion import generate_world as world

PROVINCIAL_COLUMNS = (
    *("MaHoSo", "MaTTHC", "TenTTHC", "MaLinhVuc", "TenLinhVuc", "KenhThucHien", "LoaiDoiTuong"),
    *("ChuHoSo", "SoDienThoai", "Email", "MaDoiTuong", "DiaChi"),
    *("NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra"),
    *("TrangThaiHoSo", "ThoiDiemCapNhat", "LanCapNhat", "MucDo"),
    *("DonViXuLy", "TrichYeuHoSo", "GhiChu", "LePhi", "ThanhToanTrucTuyen", "HoSoCoThanhPhanSoHoa"),
)
PERSONAL_COLUMNS = ("ChuHoSo", "SoDienThoai", "Email", "MaDoiTuong", "DiaChi", "TrichYeuHoSo", "GhiChu")

# Bytes that no text of DuckDB may hold are put in when a file is written.
INVALID_BYTE, NUL_BYTE = "\x01", "\x02"
# One line in so many is made faulty on request, one in so many of each kind.
_FAULTY_ONE_IN = 150


def macros(seed: int) -> list[str]:
    """`pick(dossier, word, n)`: an even choice of 0 .. n-1; `clock(day, from_hour, hours, dossier, word)`."""
    return [
        # Hashed twice: the low bits of hashes that differ only in the word go together.
        f"create or replace macro pick(i, word, n) as cast(hash(hash(i, word, {seed:d})) % n as integer)",
        "create or replace macro clock(day, first_hour, hours, i, word) as "
        "cast(day as timestamp) + to_seconds(first_hour * 3600 + pick(i, word, hours * 3600))",
    ]


# Dossiers `lo` <= i < `hi` of each month, with everything that happens to them. Lists count from 1.
DOSSIERS = f"""
    with filed as (
        select m.month, m.first_day, m.days, m.first_workday, m.workdays, unnest(range(m.lo, m.hi)) as i
        from months as m
    ),
    chosen as (
        select f.*, p.code, p.level, p.deadline, p.fee, p.rank,
            pick(i, 'province', 100) as place, pick(i, 'outcome', 1000) as outcome, pick(i, 'pace', 100) as pace,
            case
                when p.level = 2 then case when pick(i, 'channel', 100) < 8 then 3 else 1 end
                when pick(i, 'channel', 100) < least(45 + f.month, 80) then 2
                when pick(i, 'channel', 100) > 95 then 3
                else 1
            end as channel
        from filed as f inner join shares as s on s.share = pick(i, 'procedure', {world.SHARES})
        inner join procedures as p on p.rank = s.rank
    ),
    submitted as (
        select *, case when channel = 1
            then clock(days_open[first_workday + pick(i, 'day', workdays)], 7, 9, i, 'time')
            else clock(first_day + pick(i, 'day', days), 0, 24, i, 'time') end as submitted_at
        from chosen, calendar
    ),
    received as (
        select *,
            next_open[
                date_diff('day', calendar_begins, cast(submitted_at as date)) + case when channel = 1 then 1 else 2 end
            ] as receipt_day
        from submitted
    ),
    worked as (
        select *,
            case when channel = 1 then submitted_at + to_seconds(120 + pick(i, 'queue', 1800))
                else clock(days_open[receipt_day], 8, 2, i, 'receipt') end as received_at,
            case
                when pace < 55 then 1 + pick(i, 'early', greatest(deadline - 1, 1))
                when pace < 82 then deadline
                when pace < 96 then deadline + 1 + pick(i, 'late', deadline)
                else deadline + 10 + pick(i, 'very late', 60)
            end as days_taken
        from received
    )
    select
        i, month, place, rank, code, level, channel, fee, submitted_at, received_at, outcome,
        case when place < {world.OWN_SHARE} then 1 else 2 + place % {len(world.PROVINCES) - 1} end as province,
        days_open[receipt_day + deadline] + interval 17 hour as due_at,
        days_open[receipt_day + deadline + 5] + interval 17 hour as moved_due_at,
        clock(days_open[receipt_day + days_taken], 8, 8, i, 'end') as finished_at,
        clock(days_open[receipt_day + days_taken + 1 + pick(i, 'desk', 3)], 8, 8, i, 'hand over') as handed_at,
        submitted_at + to_seconds(3600 + pick(i, 'refusal', 200000)) as refused_at,
        pick(i, 'supplement', 100) < 8 as is_supplemented,
        fee > 0 and pick(i, 'payment request', 100) < 20 as is_asked_to_pay,
        fee > 0 and channel = 2 and pick(i, 'payment', 100) < 70 as is_paid_online,
        pick(i, 'digitised', 100) < case channel when 2 then 90 else 40 end as is_digitised,
        case when pick(i, 'correction', 1000) < 25 then 1 + pick(i, 'kind of correction', 3) else 0 end as correction,
        30 + pick(i, 'days to correction', 240) as days_to_correction
    from worked
"""

# One row per state of a dossier: what the provincial system knows, then what the national portal was sent of it.
STATES = """
    with told as (
        select *, received_at + (finished_at - received_at) / 2 as middle_at,
            handed_at + to_days(days_to_correction) as corrected_at
        from dossiers
    ),
    listed as (
        select *, unnest(list_filter(case
            when outcome < 40 then [
                {'s': 1, 'at': submitted_at, 'last': false, 'fix': false, 'is': channel = 2},
                {'s': 3, 'at': refused_at, 'last': true, 'fix': false, 'is': true}]
            else [
                {'s': 1, 'at': submitted_at, 'last': false, 'fix': false, 'is': channel = 2},
                {'s': 2, 'at': received_at, 'last': false, 'fix': false, 'is': true},
                {'s': 4, 'at': received_at + interval 20 minute, 'last': false, 'fix': false, 'is': true},
                {'s': 5, 'at': middle_at, 'last': false, 'fix': false, 'is': is_supplemented},
                {'s': 6, 'at': middle_at + interval 1 minute, 'last': false, 'fix': false, 'is': is_asked_to_pay},
                {'s': 7, 'at': finished_at, 'last': true, 'fix': false, 'is': outcome between 40 and 69},
                {'s': 8, 'at': finished_at, 'last': true, 'fix': false, 'is': outcome between 70 and 79},
                {'s': 9, 'at': finished_at, 'last': false, 'fix': false, 'is': outcome > 79},
                {'s': 10, 'at': handed_at, 'last': true, 'fix': false, 'is': outcome > 79},
                {'s': case correction when 3 then 4 else 10 end, 'at': corrected_at, 'last': true, 'fix': true,
                    'is': outcome > 79 and correction > 0}]
            end, lambda e: e['is'])) as e
        from told
    ),
    numbered as (select *, row_number() over (partition by i order by e['at'], e['s']) as k from listed),
    provincial as (
        select i, cast(k as integer) as k, false as is_national, province, e['s'] as state, e['at'] as event_at,
            e['last'] as is_last, e['fix'] as is_correction,
            case when e['s'] in (1, 3) then null else received_at end as received_at,
            case when e['s'] in (1, 3) then null
                when (is_supplemented and e['at'] > middle_at) or (e['fix'] and correction = 2) then moved_due_at
                else due_at end as due_at,
            case when e['s'] in (9, 10) then
                case when e['fix'] and correction = 1 then middle_at else finished_at end end as finished_at,
            case when e['s'] = 10 then handed_at when e['s'] in (3, 7, 8) then e['at'] end as returned_at
        from numbered
    ),
    national as (
        select i, k, true as is_national, province,
            case when state in (5, 6, 8) then 9 else state end as state,
            event_at + to_seconds(300 + pick(i * 16 + k, 'delay', 18000)) as event_at, is_last, is_correction,
            received_at, due_at,
            case when state in (5, 6, 8) then event_at else finished_at end as finished_at,
            case when state in (5, 6, 8) then null else returned_at end as returned_at
        from provincial
        where (province > 1 or pick(i, 'pushed', 100) < 70)
            and pick(i * 16 + k, 'sent', 100) < case when is_correction then 50 when is_last then 92 else 45 end
    )
    select *, strftime(event_at, '%Y-%m') as log_month, hash(hash(i, k, is_national, 'lot')) as lot
    from (select * from provincial where province = 1 union all select * from national)
    where event_at < $end
"""


def lines(is_national: bool, faults: bool) -> str:
    """Query: one column `line`, the lines of one portal in the month `$month`, each with its line break."""
    made = _NATIONAL if is_national else _PROVINCIAL
    line = "line"
    if faults:
        kinds = _NATIONAL_FAULTS if is_national else _PROVINCIAL_FAULTS
        cases = "\n".join(f"when {number} then {text}" for number, text in enumerate(kinds))
        is_faulty = f"pick(i * 16 + k, 'faulty', {_FAULTY_ONE_IN}) = 0"
        line = f"case when {is_faulty} then case pick(i * 16 + k, 'fault', {len(kinds)}) {cases} end else line end"
    return f"""
        with described as (
            select s.i, s.k, s.state, s.event_at, s.received_at, s.due_at, s.finished_at, s.returned_at, s.is_last,
                d.submitted_at, d.channel, d.level, d.fee, d.is_paid_online, d.is_digitised, p.code,
                p.name as procedure_name, p.field_code, p.field, v.name as province_name, v.office,
                '000.' || format('{{:02d}}', pick(s.i, 'office', 27)) || '.'
                    || format('{{:02d}}', pick(s.i, 'desk', 90)) || '.' || v.office || '-'
                    || strftime(d.submitted_at, '%y%m%d') || '-' || format('{{:05d}}', s.i) as number,
                family[1 + pick(s.i, 'family', {len(world.FAMILY_NAMES)})] || ' '
                    || middle[1 + pick(s.i, 'middle', {len(world.MIDDLE_NAMES)})] || ' '
                    || given[1 + pick(s.i, 'given', {len(world.GIVEN_NAMES)})] as person,
                '0990' || format('{{:06d}}', pick(s.i, 'telephone', 1000000)) as telephone,
                given_ascii[1 + pick(s.i, 'given', {len(world.GIVEN_NAMES)})] || s.i || '@example.com' as e_mail,
                '099' || format('{{:09d}}', pick(s.i, 'identity', 1000000000)) as identity,
                'Số ' || (1 + pick(s.i, 'house', 300)) || ' đường Mô Phỏng' as address,
                pick(s.i * 16 + s.k, 'note', 100) as note
            from states as s
            inner join dossiers as d on d.i = s.i
            inner join procedures as p on p.rank = d.rank
            inner join provinces as v on v.province = s.province
            cross join persons
            where s.log_month = $month and s.is_national = {str(is_national).lower()} and s.lot >= $lot
        ),
        made as ({made})
        select ({line}) || chr(10) as line from made order by event_at, i, k
    """


def _day(name: str) -> str:
    return f"strftime({name}, '%d/%m/%Y %H:%M:%S')"


_QUOTED_NOTE = """case
    when note < 6 then '"Đã gọi ' || person || ', SĐT ' || telephone || ', hẹn bổ sung"'
    when note < 7 then '"Chủ hồ sơ: ' || person || chr(10) || 'CCCD ' || identity || ' (""bản sao"")"'
    when note < 12 then 'Nộp thay: ' || person
    else '' end"""
_PAYMENT = """case
    when fee = 0 then ''
    when is_paid_online and state not in (1, 2, 3) then 'Đã thanh toán'
    else 'Chưa thanh toán' end"""
_FIELDS = [
    "number",
    "code || '.000.00.00.' || office",
    "procedure_name",
    "field_code",
    "field",
    "channel",
    "1 + pick(i, 'applicant', 10) // 8",
    "person",
    "telephone",
    "e_mail",
    "identity",
    "address",
    *(_day(name) for name in ("submitted_at", "received_at", "due_at", "finished_at", "returned_at")),
    "state",
    _day("event_at"),
    "k",
    "level",
    "'Bộ phận một cửa ' || office",
    "'Hồ sơ của ' || person",
    _QUOTED_NOTE,
    "case when fee > 0 then replace(format('{:,}', fee), ',', '.') end",
    _PAYMENT,
    "case when is_digitised then 1 else 0 end",
]


def _joined(fields: list[str]) -> str:
    return "concat(" + ", ',', ".join(fields) + ")"


def _with(**changes: str) -> str:
    """The provincial line with other texts in some columns."""
    return _joined([changes.get(name, text) for name, text in zip(PROVINCIAL_COLUMNS, _FIELDS, strict=True)])


_PROVINCIAL = f"select *, {_joined(_FIELDS)} as line from described"
_PROVINCIAL_FAULTS = (
    _joined([text for name, text in zip(PROVINCIAL_COLUMNS, _FIELDS, strict=True) if name != "TenLinhVuc"]),  # shifted
    f"concat({_joined(_FIELDS)}, ',', person)",  # one column more
    _with(TrangThaiHoSo="person"),
    _with(NgayHenTra="telephone"),
    _with(LePhi="identity"),
    _with(KenhThucHien="e_mail"),
    _with(TrangThaiHoSo="'11'"),
    _with(MaHoSo="''"),
    _with(NgayTiepNhan="'31/02/2022 08:00:00'"),
    _with(ChuHoSo="'\"' || person", GhiChu="''"),  # a quote never closed
    _with(ChuHoSo=f"person || '{NUL_BYTE}'", GhiChu="''"),
    _with(ChuHoSo=f"person || '{INVALID_BYTE}'", GhiChu="''"),
    "'" + ",".join(PROVINCIAL_COLUMNS) + "'",  # the header again
    f"concat(left({_with(GhiChu=chr(39) * 2)}, 90))",  # cut short
)

_SENT = {name: f"strftime({name}, '%Y%m%d%H%M%S')" for name in ("submitted_at", "received_at", "due_at")}
_NATIONAL_STRUCT = f"""
    'MaHoSo': number, 'MaTTHC': code, 'TenTTHC': procedure_name, 'MaLinhVuc': field_code, 'TenTinh': province_name,
    'KenhThucHien': cast(channel as varchar), 'MucDo': cast(level as varchar), 'ChuHoSo': person,
    'SoDienThoai': telephone, 'Email': e_mail,
    'DinhDanhCHS': case when pick(i, 'dummy', 10) < 3 then '000000001' else identity end,
    'NgayNopHoSo': {_SENT["submitted_at"]}, 'NgayTiepNhan': {_SENT["received_at"]}, 'NgayHenTra': {_SENT["due_at"]},
    'NgayKetThucXuLy': strftime(finished_at, '%Y%m%d%H%M%S'), 'NgayTra': strftime(returned_at, '%Y%m%d%H%M%S'),
    'TrangThaiHoSo': cast(state as varchar), 'ThoiDiemDongBo': strftime(event_at, '%Y%m%d%H%M%S'),
    'TrichYeuHoSo': 'Hồ sơ của ' || person,
    'DuocThanhToanTrucTuyen': case when fee = 0 then null when is_paid_online then '1' else '0' end,
    'HoSoCoThanhPhanSoHoa': case when is_digitised then '1' else '0' end,
    'DanhSachLePhi': case when fee = 0 then [] else [
        {{'TenPhiLePhi': 'Phí', 'MaPhiLePhi': 'P01', 'HinhThucThu': 'thu trước', 'Gia': fee - 1000}},
        {{'TenPhiLePhi': 'Lệ phí', 'MaPhiLePhi': 'L01', 'HinhThucThu': 'thu trước', 'Gia': 1000}}] end,
    'QuaTrinhXuLy': [{{'CanBo': person, 'NoiDung': 'Đã gọi ' || telephone}}],
    'TaiLieuNop': [{{'TenTep': 'don_' || telephone || '.pdf'}}]"""
_NATIONAL = f"select *, cast(to_json({{{_NATIONAL_STRUCT}}}) as varchar) as line from described"
_NATIONAL_FAULTS = (
    "left(line, cast(length(line) * 2 / 3 as integer))",
    "'[' || line || ']'",
    "replace(line, '\"TrangThaiHoSo\":\"' || state || '\"', '\"TrangThaiHoSo\":\"' || person || '\"')",
    "replace(replace(line, '\"TenTinh\":\"' || province_name, '\"TenTinh\":\"' || person), office || '-', 'H17-')",
    'replace(line, \'"ThoiDiemDongBo":"\', \'"ThoiDiemDongBo":"\' || telephone)',
    f"replace(line, person, person || '{INVALID_BYTE}')",
    "replace(line, '\"MaHoSo\":', '\"SoHoSo\":')",
)
