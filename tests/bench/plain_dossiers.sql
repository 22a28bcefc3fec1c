-- What somebody who knows DuckDB writes by hand for the logs of `sotinh generate`, without a check of anything: the
-- latest state of each dossier in each file as Parquet by month (typed, without personal columns, dossiers by a keyed
-- hash), and fct_dossiers, which says the same as ours in every cell as long as no line is faulty.
-- The variable `inbox` is the folder of both portals; results go to the working directory.
set memory_limit = '2GB';
set threads = 2;
set preserve_insertion_order = false;
set enable_progress_bar = false;

create macro keyed(number) as left(sha256('a private key of the home' || number), 32);
create macro month_of(moment) as date_trunc('month', moment)::date;

-- Most states are superseded by a later one of the same month.
create table states as
with provincial as (
    select
        keyed(MaHoSo) as dossier_key, 'P63-38' as province_id, left(MaTTHC, 8) as procedure_code,
        coalesce(MucDo, '_unknown') as service_level, coalesce(KenhThucHien, '_unknown') as channel,
        TrangThaiHoSo as state, NgayNopHoSo as submitted_at, NgayTiepNhan as received_at, NgayHenTra as due_at,
        NgayKetThucXuLy as finished_at, NgayTra as returned_at, ThoiDiemCapNhat as event_at, LanCapNhat as sequence,
        replace(LePhi, '.', '')::decimal(18, 0) as fee_vnd, ThanhToanTrucTuyen = 'Đã thanh toán' as paid_online,
        HoSoCoThanhPhanSoHoa = '1' as digitised, MaLinhVuc as field_code, filename
    from read_csv(
        getvariable('inbox') || '/dvc_tinh_mo_phong/*.csv.gz',
        header = true, delim = ',', quote = '"', escape = '"', filename = true, timestampformat = '%d/%m/%Y %H:%M:%S',
        columns = {
            MaHoSo: 'VARCHAR', MaTTHC: 'VARCHAR', TenTTHC: 'VARCHAR', MaLinhVuc: 'VARCHAR', TenLinhVuc: 'VARCHAR',
            KenhThucHien: 'VARCHAR', LoaiDoiTuong: 'VARCHAR', ChuHoSo: 'VARCHAR', SoDienThoai: 'VARCHAR',
            Email: 'VARCHAR', MaDoiTuong: 'VARCHAR', DiaChi: 'VARCHAR', NgayNopHoSo: 'TIMESTAMP',
            NgayTiepNhan: 'TIMESTAMP', NgayHenTra: 'TIMESTAMP', NgayKetThucXuLy: 'TIMESTAMP', NgayTra: 'TIMESTAMP',
            TrangThaiHoSo: 'VARCHAR', ThoiDiemCapNhat: 'TIMESTAMP', LanCapNhat: 'BIGINT', MucDo: 'VARCHAR',
            DonViXuLy: 'VARCHAR', TrichYeuHoSo: 'VARCHAR', GhiChu: 'VARCHAR', LePhi: 'VARCHAR',
            ThanhToanTrucTuyen: 'VARCHAR', HoSoCoThanhPhanSoHoa: 'VARCHAR'
        }
    )
)
select
    'dvc_tinh_mo_phong' as source_id, dossier_key, min(event_at) as first_event_at,
    unnest(arg_max(
        struct_pack(
            province_id, procedure_code, service_level, channel, state, submitted_at, received_at, due_at, finished_at,
            returned_at, event_at, sequence, fee_vnd, paid_online, digitised, field_code
        ),
        (event_at, sequence)
    ))
from provincial
group by dossier_key, filename;

insert into states
with national as (
    select
        keyed(MaHoSo) as dossier_key,
        case TenTinh
            when 'Thanh Hóa' then 'P63-38' when 'Nghệ An' then 'P63-40'
            when 'Quảng Ngãi' then 'P63-51' when 'Lào Cai' then 'P63-10'
        end as province_id,
        left(MaTTHC, 8) as procedure_code,
        coalesce(MucDo, '_unknown') as service_level, coalesce(KenhThucHien, '_unknown') as channel,
        TrangThaiHoSo as state, NgayNopHoSo as submitted_at, NgayTiepNhan as received_at, NgayHenTra as due_at,
        NgayKetThucXuLy as finished_at, NgayTra as returned_at, ThoiDiemDongBo as event_at, null::bigint as sequence,
        list_sum(list_transform(DanhSachLePhi, lambda fee: fee.Gia))::decimal(18, 0) as fee_vnd,
        DuocThanhToanTrucTuyen = '1' as paid_online, HoSoCoThanhPhanSoHoa = '1' as digitised,
        MaLinhVuc as field_code, filename
    from read_json(
        getvariable('inbox') || '/dvc_quoc_gia_mo_phong/*.ndjson.gz',
        format = 'newline_delimited', filename = true, timestampformat = '%Y%m%d%H%M%S',
        columns = {
            MaHoSo: 'VARCHAR', MaTTHC: 'VARCHAR', TenTinh: 'VARCHAR', KenhThucHien: 'VARCHAR', MucDo: 'VARCHAR',
            NgayNopHoSo: 'TIMESTAMP', NgayTiepNhan: 'TIMESTAMP', NgayHenTra: 'TIMESTAMP', NgayKetThucXuLy: 'TIMESTAMP',
            NgayTra: 'TIMESTAMP', TrangThaiHoSo: 'VARCHAR', ThoiDiemDongBo: 'TIMESTAMP',
            DuocThanhToanTrucTuyen: 'VARCHAR', HoSoCoThanhPhanSoHoa: 'VARCHAR', MaLinhVuc: 'VARCHAR',
            DanhSachLePhi: 'STRUCT(Gia BIGINT)[]'
        }
    )
)
select
    'dvc_quoc_gia_mo_phong' as source_id, dossier_key, min(event_at) as first_event_at,
    unnest(arg_max(
        struct_pack(
            province_id, procedure_code, service_level, channel, state, submitted_at, received_at, due_at, finished_at,
            returned_at, event_at, sequence, fee_vnd, paid_online, digitised, field_code
        ),
        event_at
    ))
from national
group by dossier_key, filename;

copy (
    select * exclude (first_event_at), strftime(min(first_event_at) over (partition by dossier_key), '%Y-%m') as month
    from states
) to 'lake' (format parquet, compression zstd, partition_by (month));

create temp table sources as
select
    source_id, max(greatest(event_at, submitted_at, received_at, finished_at, returned_at))::date as as_of_date
from states
group by source_id;

-- The province's own portal speaks for a dossier before the national one, then its last state.
create temp table dossiers as
with latest as (
    select unnest(arg_max(
        struct_pack(
            source_id, province_id, procedure_code, service_level, channel, state, submitted_at, received_at, due_at,
            finished_at, returned_at, event_at, fee_vnd, paid_online
        ),
        (source_id = 'dvc_tinh_mo_phong', event_at, coalesce(sequence, -1))
    ))
    from states
    group by dossier_key
),

staged as (
    select
        *,
        case
            when state = '1' then 'submitted' when state = '3' then 'refused'
            when state in ('7', '8') then 'withdrawn' when state in ('9', '10') then 'resolved' else 'processing'
        end as stage,
        case
            when received_at is not null then received_at
            when stage in ('processing', 'resolved') then coalesce(submitted_at, event_at)
        end as entered_at,
        case
            when stage = 'resolved' then finished_at
            when stage in ('refused', 'withdrawn') then coalesce(returned_at, finished_at, event_at)
        end as ended_at
    from latest
)

select
    source_id, province_id, procedure_code, service_level, channel,
    coalesce(paid_online, false) as is_paid_online, coalesce(fee_vnd, 0) as fee_vnd, due_at::date as due_on,
    case when entered_at is not null then least(entered_at, ended_at)::date end as received_on,
    case when stage = 'resolved' then ended_at::date end as resolved_on,
    case when stage <> 'resolved' and entered_at is not null then ended_at::date end as returned_on,
    case when due_on is not null and received_on is not null then greatest(due_on + 1, received_on) end as late_on,
    month_of(submitted_at) as submitted_month, month_of(received_on) as received_month,
    month_of(resolved_on) as resolved_month, month_of(returned_on) as returned_month,
    case when stage = 'refused' and entered_at is null then month_of(ended_at) end as refused_month,
    month_of(late_on) as late_month, coalesce(resolved_month, returned_month) as left_month
from staged;

create temp table flows as
with events as (
    select source_id, province_id, procedure_code, service_level, channel, submitted_month as month,
        count(*) as submitted_count
    from dossiers where month is not null group by all
    union all by name
    select source_id, province_id, procedure_code, service_level, channel, received_month as month,
        count(*) as received_count, count_if(is_paid_online) as online_payment_count,
        sum(case when is_paid_online then fee_vnd end) as fee_vnd
    from dossiers where month is not null group by all
    union all by name
    select source_id, province_id, procedure_code, service_level, channel, resolved_month as month,
        count(*) as resolved_count, count_if(resolved_on < due_on) as early_count,
        count_if(coalesce(resolved_on <= due_on, true)) as on_time_count, count_if(resolved_on > due_on) as late_count
    from dossiers where month is not null group by all
    union all by name
    select source_id, province_id, procedure_code, service_level, channel, returned_month as month,
        count(*) as returned_count
    from dossiers where month is not null group by all
    union all by name
    select source_id, province_id, procedure_code, service_level, channel, refused_month as month,
        count(*) as refused_count
    from dossiers where month is not null group by all
    union all by name
    select source_id, province_id, procedure_code, service_level, channel, late_month as month,
        count(*) as late_change
    from dossiers join sources using (source_id)
    where late_month < left_month or (left_month is null and late_on <= as_of_date) group by all
    union all by name
    select source_id, province_id, procedure_code, service_level, channel, left_month as month,
        -count(*) as late_change
    from dossiers where late_month < left_month group by all
)

select
    source_id, province_id, procedure_code, service_level, channel, month,
    sum(columns(* exclude (source_id, province_id, procedure_code, service_level, channel, month)))
from events
group by all;

create table fct_dossiers as
with months as (
    select
        source_id, province_id, procedure_code, service_level, channel, as_of_date,
        unnest(generate_series(min(month), month_of(as_of_date), interval 1 month))::date as month
    from flows join sources using (source_id)
    group by source_id, province_id, procedure_code, service_level, channel, as_of_date
),

filled as (
    select
        source_id, province_id, procedure_code, service_level, channel, month, as_of_date,
        coalesce(submitted_count, 0) as submitted_count, coalesce(received_count, 0) as received_count,
        coalesce(resolved_count, 0) as resolved_count, coalesce(on_time_count, 0) as on_time_count,
        coalesce(late_count, 0) as late_count, coalesce(returned_count, 0) as returned_count,
        coalesce(online_payment_count, 0) as online_payment_count, coalesce(fee_vnd, 0) as fee_vnd,
        coalesce(early_count, 0) as early_count, coalesce(refused_count, 0) as refused_count,
        coalesce(late_change, 0) as late_change
    from months
    left join flows using (source_id, province_id, procedure_code, service_level, channel, month)
),

stocks as (
    select
        *,
        sum(received_count - resolved_count - returned_count) over until_then as pending_count,
        sum(late_change) over until_then as pending_late_count
    from filled
    window until_then as (
        partition by source_id, province_id, procedure_code, service_level, channel order by month
    )
)

select
    province_id, procedure_code, service_level, channel, strftime(month, '%Y-%m') as period_id, source_id,
    submitted_count::bigint as submitted_count, received_count::bigint as received_count,
    resolved_count::bigint as resolved_count, on_time_count::bigint as on_time_count,
    late_count::bigint as late_count, returned_count::bigint as returned_count,
    pending_count::bigint as pending_count, pending_late_count::bigint as pending_late_count,
    online_payment_count::bigint as online_payment_count, fee_vnd::decimal(28, 10) as fee_vnd,
    least(last_day(month), as_of_date) as as_of_date,
    early_count::bigint as early_count, refused_count::bigint as refused_count,
    (pending_count - received_count + resolved_count + returned_count)::bigint as carried_over_count
from stocks
where
    submitted_count > 0 or received_count > 0 or resolved_count > 0 or returned_count > 0 or refused_count > 0
    or pending_count <> 0 or pending_late_count <> 0;
